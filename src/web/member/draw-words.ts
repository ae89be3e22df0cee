import type { Words } from '../parts/language.tsx'

const word = (zh: string, en: string): Words => ({ zh, en })

/** What the screen of a benefit says of its draw. */
export const drawWords = {
  title: word('抽签', 'The draw'),
  window_rule: word(
    '{from} 起 {seconds} 秒内报名的人一起抽 {units} 份，先点后点一样。',
    'Whoever enters within {seconds} seconds from {from} takes part in the draw of {units}: being first gains nothing.',
  ),
  lottery_rule: word(
    '{from} 到 {to} 报名，截止后在所有报名的人中抽出 {units} 份。',
    'Enter from {from} to {to}. Then {units} are drawn among all who entered.',
  ),
  signed_by: word(
    '结果还要由外部见证人 {who} 签名才能算出，主办方不能挑选。',
    'The outcome also depends on a signature of {who}, outside the union: nobody can choose it.',
  ),
  unsigned: word(
    '没有外部见证人签名：主办方没有挑选过种子，这一点只能信任。',
    'Nobody outside signs: that the organiser did not pick the seed must be believed.',
  ),
  opens_in: word('距开始报名 {time}', 'Opens in {time}'),
  closes_in: word('距报名截止 {time}', 'Closes in {time}'),
  enter: word('报名', 'Enter'),
  entered: word('您已报名，截止后自动抽签。', 'You have entered. The draw runs by itself.'),
  take_back: word('取消报名', 'Take my entry back'),
  drawing: word('报名已截止，正在抽签…', 'Closed. Drawing…'),
  not_entered: word('报名已截止，您没有报名。', 'Closed. You did not enter.'),
  cancelled: word('这次抽签已取消。', 'This draw was cancelled.'),
  won: word('抽中了！请到券包收下。', 'You won! Accept it under Vouchers.'),
  not_won: word('这次没有抽中。', 'You did not win this time.'),
  again: word(
    '退回和没有收下的名额，{time} 按名次给下一位。',
    'What is given back or not taken goes to the next in rank at {time}.',
  ),
  counted: word('{entrants} 人报名，{units} 份', '{entrants} entered for {units}'),
  proof: word('公开的抽签记录', 'The published record'),
  check: word('在本机核对', 'Check it here'),
  checking: word('正在核对…', 'Checking…'),
  good: word(
    '核对无误：名单、种子、签名和中签名单互相吻合，您的报名在名单中。',
    'It holds: the list, the seed, the signature and the winners agree, and you are on the list.',
  ),
  good_without: word(
    '核对无误：名单、种子和中签名单互相吻合，您的报名在名单中。',
    'It holds: the list, the seed and the winners agree, and you are on the list.',
  ),
  bad: word(
    '核对不符，请截图并联系工会：{what}',
    'It does not hold. Take a picture and tell your union: {what}',
  ),
  unchecked: word('现在无法核对，请稍后再试。', 'It cannot be checked now. Try again later.'),
} as const
