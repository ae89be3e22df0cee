declare module 'pngjs' {
  export const PNG: {
    readonly sync: {
      /** Eight bits a channel: red, green, blue, alpha. */
      read(png: Uint8Array): {
        readonly width: number
        readonly height: number
        readonly data: Buffer
      }
    }
  }
}
