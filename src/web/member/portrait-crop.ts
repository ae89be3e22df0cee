import { portraitSize, withoutMetadata } from '../../formats/jpeg.ts'

/** Which part of a picture is taken: 1 is as much as fits; 0 to 1 from its start to its end. */
export interface Crop {
  readonly zoom: number
  readonly across: number
  readonly down: number
}

/** The middle, a little up: where faces are. */
export const middle: Crop = { zoom: 1, across: 0.5, down: 0.4 }

const qualities = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]

/** Opens a file as a picture, upright. Throws for what is none. */
export async function openPicture(file: Blob): Promise<HTMLImageElement> {
  const image = new Image()
  image.src = URL.createObjectURL(file)
  try {
    await image.decode()
  } finally {
    URL.revokeObjectURL(image.src)
  }
  return image
}

/**
 * Draws the part of a picture anew in 360 by 480 and encodes it as a JPEG that says nothing but
 * the picture, as well as it goes into 60 000 octets. Throws Error when nothing does.
 */
export async function cropped(image: HTMLImageElement, crop: Crop): Promise<Uint8Array> {
  const canvas = document.createElement('canvas')
  const { width, height, octets: most } = portraitSize
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no canvas')
  const { naturalWidth, naturalHeight } = image
  const taken = Math.min(naturalWidth, (naturalHeight * width) / height) / crop.zoom
  const tall = (taken * height) / width
  const left = (naturalWidth - taken) * crop.across
  const top = (naturalHeight - tall) * crop.down
  context.fillStyle = '#ffffff'
  context.fillRect(0, 0, width, height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(image, left, top, taken, tall, 0, 0, width, height)
  for (const quality of qualities) {
    const blob = await new Promise<Blob | null>((resolve) =>
      canvas.toBlob(resolve, 'image/jpeg', quality),
    )
    const made = blob && withoutMetadata(new Uint8Array(await blob.arrayBuffer()))
    if (made && made.length <= most) return made
  }
  throw new Error('the picture cannot be made small enough')
}
