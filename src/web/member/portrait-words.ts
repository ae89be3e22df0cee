import type { Words } from '../parts/language.tsx'

const word = (zh: string, en: string): Words => ({ zh, en })

/** Texts of the member's portrait. */
export const portraitWords = {
  portrait: word('照片', 'Portrait'),
  lead: word(
    '工会审核通过后，照片会显示在会员证上，离线也能看到。',
    'Once your union has accepted it, your portrait is on your card, offline too.',
  ),
  mine: word('会员证上的照片', 'The portrait on the card'),
  seen: word('对方也会看到这张照片。', 'The other side sees this picture, too.'),
  accepted: word('正在使用', 'In use'),
  waiting: word('等待工会审核，还没有使用', 'Waits for your union; not in use yet'),
  refused: word('上一张没有通过：{reason}', 'The last one was not accepted: {reason}'),
  none: word('还没有照片。', 'No portrait yet.'),
  camera: word('用相机拍照', 'Take one with the camera'),
  file: word('选择图片', 'Choose a picture'),
  hint: word(
    '正面、免冠、光线均匀，只有您一个人。',
    'From the front, nothing on your face, even light, only you.',
  ),
  private: word(
    '图片在本机裁剪，地点、时间等信息不会上传。',
    'The picture is cropped on this phone; place and time in it are not sent.',
  ),
  unreadable: word('无法打开这个文件，请选一张图片。', 'This file is not a picture we can open.'),
  preview: word('裁剪后的照片', 'Your portrait as it will be'),
  zoom: word('放大', 'Zoom'),
  across: word('左右', 'Left or right'),
  down: word('上下', 'Up or down'),
  give: word('提交审核', 'Send to your union'),
  remove: word('删除照片', 'Remove my portrait'),
  remove_sure: word(
    '会员证会换成没有照片的。确定吗？',
    'Your card will be issued again without it. Are you sure?',
  ),
  loading: word('正在读取…', 'Loading…'),
} as const
