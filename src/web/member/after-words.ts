import type { Words } from '../parts/language.tsx'

const word = (zh: string, en: string): Words => ({ zh, en })

/** Texts of what comes after and beside showing a code, which most visits never show. */
export const afterWords = {
  receipt: word('核销凭证', 'Receipt'),
  receipts: word('凭证', 'Receipts'),
  receipts_lead: word(
    '这张券的每一次变化都写入了公开账本，可以在本机逐条验证。',
    'Every change of this voucher is in a public log. Each can be verified on this phone.',
  ),
  where: word('门店', 'Where'),
  elsewhere: word('其他工会的门店（节点 {node}）', 'A shop of another union (node {node})'),
  when: word('时间', 'When'),
  what: word('权益', 'What'),
  amount: word('金额', 'Amount'),
  picked_up_by: word('代领人', 'Picked up by'),
  was_undone: word('已撤销，券已退回', 'Undone, the voucher is back'),
  verify: word('验证凭证', 'Verify the receipt'),
  verifying: word('正在本机验证…', 'Checking on this phone…'),
  keep_file: word('分享或保存凭证', 'Share or save the receipt'),
  proved_promise: word(
    '已承诺：工会系统签字承诺，{seconds} 秒内把这条记录写入公开账本。',
    'Promised: the union has signed that this record will be in its public log within {seconds} s.',
  ),
  proved_inclusion: word(
    '已入账：这条记录在公开账本第 {index} 条，账本共 {size} 条，签名和证明都正确。',
    'In the log: this is record {index} of {size}, and its signature and proof are right.',
  ),
  proved_witnessed: word(
    '已见证：这条记录在公开账本第 {index} 条，并由 {witnesses} 个独立见证人签字。',
    'Witnessed: this is record {index} of the log, and {witnesses} independent witnesses signed.',
  ),
  about_voucher: word('这条记录确实是关于这张券的。', 'The record is about this very voucher.'),
  keys_list: word('密钥来自信任名单。', 'The keys are those of the trust list.'),
  keys_first: word(
    '密钥是本机第一次验证时记下的。',
    'The keys are those that this phone met at its first check.',
  ),
  keys_changed: word(
    '账本的密钥与本机记下的不同，信任名单也不认识。请不要相信这份凭证，并告诉工会。',
    'The log’s keys are not those this phone knows, nor on the trust list. Tell your union.',
  ),
  not_proved: word(
    '验证没有通过，这份凭证什么也证明不了。请告诉工会。',
    'The check failed: this receipt proves nothing. Tell your union.',
  ),
  not_me: word('这不是我', 'Not me'),
  report_lead: word(
    '哪里不对？工会会核实并回复您。',
    'What is wrong? The union will look into it.',
  ),
  not_me_reason: word('不是我使用的', 'It was not me'),
  not_received: word('没有收到东西', 'I received nothing'),
  wrong_amount: word('金额不对', 'The amount is wrong'),
  wrong_goods: word('东西不对', 'I received something else'),
  report_do: word('告诉工会', 'Tell the union'),
  case_open: word('工会正在核实（{reason}）', 'The union is looking into it ({reason})'),
  case_reversed: word('工会已撤销这次核销', 'The union has undone it'),
  case_no_fault: word('工会核实后没有发现问题', 'The union found nothing wrong'),

  event_other: word('变更', 'Changed'),

  at_store: word('在这里使用', 'Use here'),
  store_unknown: word(
    '没有找到这家门店，或它暂停收券。',
    'No such store, or it takes no vouchers now.',
  ),
  choose_voucher: word('选择要用的券', 'Choose a voucher'),
  none_usable: word('您没有可以在这里用的券。', 'You have no voucher that is taken here.'),
  order_amount: word('消费金额（元）', 'What you pay in all (yuan)'),
  next: word('下一步', 'Next'),
  shop_scans: word(
    '这家店由店员扫码。请打开券包，给店员看券码。',
    'This shop scans. Open your voucher and show its code.',
  ),
  to_vouchers: word('打开券包', 'Open my vouchers'),
  waits: word('已告诉店员，请等店员接受…', 'The shop was told. Wait until they accept…'),
  counter_declined: word('店员没有接受，券没有使用。', 'The shop declined. Nothing was used.'),
  counter_expired: word('等得太久，券没有使用。', 'It took too long. Nothing was used.'),
  confirm: word('确认', 'Confirm'),
  confirm_lead: word(
    '请核对门店和金额，确认后不能自己撤销。',
    'Check the store and the amount. You cannot undo it yourself.',
  ),
  rejected: word('已取消，券没有使用。', 'Cancelled. Nothing was used.'),
  done: word('核销成功', 'Redeemed'),
  show_clerk: word('请给店员看这一屏', 'Show this screen to the shop'),
  level_promise: word('凭证：已承诺', 'Receipt: promised'),
  level_inclusion: word('凭证：已入账', 'Receipt: in the log'),
  level_witnessed: word('凭证：已见证', 'Receipt: witnessed'),

  collector: word('请人代领', 'Somebody picks it up for me'),
  collector_lead: word(
    '填写代领人。对方凭取货码领取，店员会核对姓名和手机尾号。',
    'Name them. They show a pick-up code, and the clerk compares name and phone digits.',
  ),
  collector_name: word('代领人姓名', 'Their name'),
  collector_digits: word('手机号后四位', 'Last four digits of their phone'),
  collector_until: word('有效期至', 'Valid until'),
  collector_do: word('生成取货码', 'Make a pick-up code'),
  collector_code: word('取货码，只显示一次，请转告代领人', 'Pick-up code, shown once: pass it on'),
  collector_is: word(
    '{name}（尾号 {digits}）可代领，至 {time}',
    '{name} ({digits}) may pick it up, until {time}',
  ),
  collector_used: word('{name} 已代领', '{name} has picked it up'),
  collector_revoke: word('取消代领', 'Take it back'),
  read_aloud: word('朗读', 'Read aloud'),

  stores: word('附近可用门店', 'Where to use them'),
  find_stores: word('找门店和领取点', 'Find stores and pick-up points'),
  region: word('地区', 'Region'),
  city: word('市（州、区县）', 'City or district'),
  district: word('区县', 'District'),
  whole: word('全部', 'All of it'),
  shown_first: word(
    '这里显示：{place} 的门店，和在那里可以用的权益。',
    'Shown here: stores in {place}, and benefits that are taken there.',
  ),
  everywhere: word('全国', 'Everywhere'),
  benefit: word('权益', 'Benefit'),
  any_benefit: word('全部权益', 'Any benefit'),
  no_stores: word('这里没有找到门店。', 'No store was found here.'),
  more: word('更多', 'More'),
  pick_up_point: word('领取点：{place}', 'Pick-up point: {place}'),
  here_first: word('本地区可用', 'Taken in your region'),

  my_data: word('我的资料', 'My data'),
  export_lead: word(
    '下载工会系统里关于您的全部资料。',
    'Download everything the union holds about you.',
  ),
  export_do: word('下载我的资料', 'Download my data'),
  looks: word('谁看过我的资料', 'Who looked at my data'),
  nobody_looked: word('还没有人看过。', 'Nobody has looked.'),
} as const
