/** Whose sub-ledger a posting of `node_due_to` or `node_due_from` is: the other node's. */
export function peerLedger(number: number): string {
  return `node:${number}`
}

/** The number of the node that a sub-ledger is of; none for a merchant's. */
export function peerOfLedger(name: string): number | undefined {
  const [, digits] = /^node:(0|[1-9][0-9]{0,4})$/.exec(name) ?? []
  return digits === undefined ? undefined : Number(digits)
}
