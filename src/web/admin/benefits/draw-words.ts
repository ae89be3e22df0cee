import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts of draws. */
export const words = {
  benefit: word('权益', 'Benefit'),
  mode: word('方式', 'Way'),
  opens: word('开始', 'Opens'),
  closes: word('截止', 'Closes'),
  units: word('名额', 'Units'),
  entrants: word('报名', 'Entrants'),
  witness: word('外部见证', 'Outside key'),
  no_witness: word('没有：须信任运营方', 'None: the operator must be trusted'),
  proof: word('公开的证据', 'Published proof'),
  commit: word('承诺种子', 'Commit to the seed'),
  run: word('开奖', 'Draw now'),
  acts: word('操作', 'Actions'),
  lead: word(
    '到时自动截止、开奖。任何人都能用公开的文件重算中签名单。',
    'They close and draw by themselves. Anybody can work out the winners again from the published files.',
  ),
}

/** Ways of sharing scarce stock. */
export const modeNames: Readonly<Record<string, Words>> = {
  fair_window: word('公平窗口', 'Fair window'),
  lottery: word('抽签', 'Lottery'),
}

/** States of a draw. */
export const drawStateNames: Readonly<Record<string, Words>> = {
  planned: word('未承诺', 'Planned'),
  open: word('报名中', 'Open'),
  closing: word('截止中', 'Closing'),
  closed: word('待开奖', 'Closed'),
  drawn: word('已开奖', 'Drawn'),
  cancelled: word('已取消', 'Cancelled'),
  done: word('已结束', 'Over'),
}
