import { word } from '../admin/words.ts'
import type { Words } from '../parts/language.tsx'

/** What the integrity page says. */
export const words = {
  lead: word(
    '这个浏览器自己下载整本账、重新计算每一个哈希，不依赖服务器的任何说法。',
    'This browser fetches the whole log and computes every hash itself; nothing is taken on trust.',
  ),
  which_log: word('哪一年的账', 'Which log'),
  closed: word(
    '这本账已结账；它最后一条写明下一本账的密钥：',
    'This log is closed; its last leaf announces the key of the next one:',
  ),
  pin_next: word('把它加进固定的策略', 'Add it to the pinned policy'),
  verify: word('现在验证', 'Verify now'),
  again: word('再验证一次', 'Verify again'),
  running: word('正在验证：{done} / {size} 条', 'Verifying: {done} of {size} leaves'),
  good: word('完好：{leaves} 条全部验证通过', 'Intact: all {leaves} leaves verified'),
  bad: word('不完好', 'Not intact'),
  first_bad: word(
    '第一处问题在第 {index} 条（从 0 起）',
    'The first fault is at index {index}, from 0',
  ),
  signed: word('检查点由日志密钥签名：{origin}', 'The checkpoint is signed by the log: {origin}'),
  witnessed: word('见证人 {name} 于 {at} 联署', 'Witness {name} cosigned at {at}'),
  unwitnessed: word('策略不要求见证人', 'The policy asks for no witness'),
  hashed: word(
    '全部条目与哈希块一致，直到签名的根 {root}',
    'Entries and tiles agree up to the signed root {root}',
  ),
  first_time: word(
    '这个浏览器第一次看到这本账，已记住',
    'This browser sees this log for the first time, and keeps it in mind',
  ),
  consistent: word(
    '上次看到的 {size} 条原样在内',
    'The {size} leaves seen last time are in it, unchanged',
  ),
  policy: word('信任策略（tlog-policy）', 'Trust policy (tlog-policy)'),
  policy_lead: word(
    '首次打开时从本节点取得并固定。最好粘贴另外交给您的那一份。',
    'Fetched from this node at the first visit and pinned. Better: paste the one that was given to you another way.',
  ),
  policy_changed: word(
    '本节点现在给出的策略与固定的不同。请先向另一渠道核实。',
    'This node now gives another policy than the pinned one. Ask by another way first.',
  ),
  pin: word('固定这份策略', 'Pin this policy'),
  take_new: word('改用本节点现在的策略', 'Use what this node gives now'),
  pinned: word('已固定', 'Pinned'),
  network: word('网络中断，没有验证完。', 'The network failed, so it was not finished.'),
}

export const checkNames: Readonly<Record<string, Words>> = {
  policy: word('策略读不懂', 'The policy cannot be read'),
  checkpoint: word('检查点的签名不成立', 'The signatures of the checkpoint do not hold'),
  fork: word('与这个浏览器上次看到的不是同一本账', 'Not the log that this browser saw last time'),
  missing: word('缺少一块', 'A piece is missing'),
  tile: word('哈希块与条目不符', 'A tile does not fit its entries'),
  bundle: word('条目读不懂', 'Entries cannot be read'),
  leaf: word('叶不合规范', 'A leaf is not in its form'),
  root: word('算不到签名的根', 'The signed root is not reached'),
}
