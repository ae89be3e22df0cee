import { word } from '../words.ts'

/** Texts of the portraits that wait. */
export const words = {
  lead: word(
    '每次查看都会留下记录，会员本人可以看到。通过后会员证自动换发；未通过的照片立即删除。',
    'Every look is on record and the member can read it. Once accepted, the card is issued again; a refused picture is deleted at once.',
  ),
  member: word('会员', 'Member'),
  given: word('提交时间', 'Given'),
  picture: word('照片', 'Picture'),
  look: word('查看', 'Look'),
  look_at: word('查看{name}的照片', 'Look at the picture of {name}'),
  picture_of: word('{name}提交的照片', 'The picture given by {name}'),
  decide: word('审核', 'Decide'),
  accept: word('通过', 'Accept'),
  refuse: word('不通过：{reason}', 'Refuse: {reason}'),
}
