import type { Words } from './language.tsx'

/** Why a portrait is refused, as the API names it. */
export const portraitReasonNames: Readonly<Record<string, Words>> = {
  not_one_face: {
    zh: '不是一个人的正面照',
    en: 'It does not show one person from the front',
  },
  unclear: { zh: '模糊、过暗或过亮', en: 'It is blurred, too dark or too bright' },
  covered: { zh: '面部有遮挡', en: 'The face is covered' },
  not_the_member: { zh: '不是会员本人', en: 'It is not the member' },
  unsuitable: { zh: '不适合用在会员证上', en: 'It does not suit a membership card' },
}
