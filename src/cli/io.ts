/** Where a command writes. `process` itself is one. */
export interface Io {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean | undefined }
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean | undefined }
}

/** The variables a process was started with. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A mistake in how a command was called: the usage belongs under it. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}
