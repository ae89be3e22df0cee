import type { DrawCheck } from '../../formats/draw.ts'
import { word } from '../admin/words.ts'
import type { Words } from '../parts/language.tsx'

const checks: Readonly<Record<DrawCheck, Words>> = {
  opening: word('开启抽签的记录不对', 'The opening leaf is not right'),
  closing: word('截止报名的记录不对', 'The closing leaf is not right'),
  entrants: word(
    '报名名单与截止时记录的不同',
    'The list of entrants is not the one that was closed',
  ),
  result: word('开奖的记录不对', 'The result’s leaf is not right'),
  seed: word('种子与事先承诺的不同', 'The seed is not the one that was committed to'),
  signature: word('外部密钥的签名不对', 'The outside key’s signature is not good'),
  winners: word('公布的中签名单不能重现', 'The published winners are not reproduced'),
  receipt: word('回执不对', 'The receipt is not good'),
}

/** What the page says that verifies draws. */
export const drawWords = {
  lead: word(
    '用公布的文件在这个浏览器里重新抽一次，只相信固定的策略。',
    'The draw is done again in this browser from its published files, trusting the pinned policy alone.',
  ),
  no_policy: word(
    '请先打开“账本完整性”，固定一份策略。',
    'Open “Integrity” first, which pins a policy.',
  ),
  id: word('抽签编号', 'The draw’s id'),
  id_where: word(
    '在事件流水的抽签事件里，或公布地址的末尾',
    'In the draw’s events, or at the end of its address',
  ),
  verify: word('验证', 'Verify'),
  none: word('没有公布这个抽签', 'No such draw is published'),
  failed: word('文件没有读完，请重试', 'The files could not be read: try again'),
  good: word('完好：中签名单已重现', 'Good: the winners are reproduced'),
  bad: word('不对', 'Not good'),
  unknown: word('名单第 {index} 行不在账里：', 'Line {index} of the list is not in the log:'),
  dropped: word(
    '名单第 {index} 行之前少了一人：',
    'Before line {index} of the list one is missing:',
  ),
  no_witness: word(
    '没有外部密钥：须相信主办方没有挑选种子。',
    'There is no outside key: the operator must be believed to have chosen no seed.',
  ),
  entrants: word('报名人数', 'Entrants'),
  units: word('名额', 'Units'),
  winners: word('中签', 'Winners'),
  witness: word('外部密钥', 'Outside key'),
  closes: word('截止', 'Closed'),
  checks,
}
