/**
 * Hands a file on: to another app by the phone's own sheet where it has one for files, else to be
 * saved, as a click on a link to it would.
 */
export async function shareFile(text: string, name: string, type: string): Promise<void> {
  const file = new File([text], name, { type })
  const told = { files: [file] }
  if (navigator.canShare?.(told)) {
    await navigator.share(told).catch(() => {}) // the member thought better of it
    return
  }
  saveFile(text, name, type)
}

/** Hands a text to the browser to be saved as a file. */
export function saveFile(text: string, name: string, type: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
