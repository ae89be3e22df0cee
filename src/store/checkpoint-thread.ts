import { parentPort, workerData } from 'node:worker_threads'

import { connect } from './sqlite-connection.ts'

/** The thread that `checkpointer` starts: a checkpoint for each message, an empty answer to it. */
const connection = connect(workerData as string)

parentPort?.on('message', () => {
  connection.pragma('wal_checkpoint(PASSIVE)')
  parentPort?.postMessage(undefined)
})
