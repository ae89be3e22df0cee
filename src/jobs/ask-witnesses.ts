import { utf8 } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { Weather } from '../base/refusal.ts'
import { cosignatureVerifier, parseCosignature } from '../formats/tlog/cosignature.ts'
import { TlogError } from '../formats/tlog/error.ts'
import {
  formatSignature,
  keyOf,
  type NoteSignature,
  parseNote,
  parseSignatures,
} from '../formats/tlog/note.ts'
import { type Policy, quorumMet, type TrustedKey } from '../formats/tlog/policy.ts'
import { formatSubmission, parseSizeAnswer } from '../formats/tlog/submission.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import {
  type ArchivedCheckpoint,
  cosignaturesAt,
  cosignedSize,
  keepCosignature,
  keepWitnessed,
  latestWitnessed,
  withCosignatures,
} from '../ledger/cosigned.ts'
import { allLogs, logState } from '../ledger/log-state.ts'
import { consistencyProof } from '../ledger/tree-reader.ts'
import type { Store } from '../store/store.ts'
import { type Answered, submit } from './submit-checkpoint.ts'

/**
 * Why a witness did not cosign. `ahead`: it has seen more leaves than we have, so that our database
 * is an old copy, or somebody else signs with our key. `inconsistent`: it has seen another tree.
 */
export type WitnessFault = 'weather' | 'refused' | 'inconsistent' | 'ahead' | 'unverified'

export interface Asking {
  readonly store: Store
  readonly policy: Policy
  readonly clock: Clock
  /** Told of every witness that did not cosign. */
  readonly onFault: (witness: string, fault: WitnessFault) => void
}

/** A log's newest checkpoint, as it signed it. */
type AskedFor = ArchivedCheckpoint & Readonly<{ log: string; closed: boolean }>

/** A witness with an address. */
type Asked = TrustedKey & Readonly<{ url: string }>

const attempts = 3

/**
 * Asks the witnesses of a policy again and again: one checkpoint a round, all of them at once, so
 * that a quorum is of one tree. A witness that fails is left out of some rounds, twice as many each
 * time and sixty at the most: nothing else waits for it longer than one request may take.
 */
export class WitnessRounds {
  readonly #asking: Asking
  readonly #witnesses: readonly Asked[]
  readonly #faults = new Map<string, { count: number; until: number }>()
  #round = 0

  constructor(asking: Asking) {
    this.#asking = asking
    this.#witnesses = asking.policy.witnesses.filter((one): one is Asked => one.url !== undefined)
  }

  /**
   * One round over the newest checkpoint of the open log, and the last one of the log before it.
   * Answers how many cosignatures were given just now.
   */
  async run(): Promise<number> {
    const { read } = this.#asking.store
    const round = this.#round++
    let cosigned = 0
    for (const { name, closedAt } of (await allLogs(read)).slice(-2)) {
      const state = await logState(read, name)
      if (!state || state.size === 0) continue
      cosigned += await this.#askAll(round, { log: name, closed: closedAt !== null, ...state })
    }
    return cosigned
  }

  async #askAll(round: number, state: AskedFor): Promise<number> {
    const { log } = state
    const due = this.#witnesses.filter(
      ({ vkey }) => round >= (this.#faults.get(`${keyOf(vkey)} ${log}`)?.until ?? 0),
    )
    const done = await Promise.all(due.map((witness) => this.#ask(witness, state)))
    await completeQuorum(this.#asking, state)
    return done.filter((cosigned) => cosigned).length
  }

  async #ask(witness: Asked, state: AskedFor): Promise<boolean> {
    const { store, clock, onFault } = this.#asking
    const { log } = state
    const name = keyOf(witness.vkey)
    const turn = `${name} ${log}`
    const before = await cosignedSize(store.read, log, name)
    if (before >= state.size) return false
    // A witness that came later has no business with last year's log.
    if (before === 0 && state.closed && (await this.#settled(state))) return false
    const answer = await cosignatureOf(this.#asking, witness, state, before)
    if (typeof answer === 'string') {
      const count = (this.#faults.get(turn)?.count ?? 0) + 1
      const until = this.#round + Math.min(60, 2 ** (count - 1))
      this.#faults.set(turn, { count, until })
      onFault(witness.vkey.name, answer)
      return false
    }
    this.#faults.delete(turn)
    const made = {
      ...{ log, size: state.size, witness: name, checkpoint: state.checkpoint },
      timeSeconds: parseCosignature(answer.signature).timeSeconds,
      line: formatSignature(answer),
    }
    await store.transaction((tx) => keepCosignature(tx, made, clock()))
    return true
  }

  async #settled({ log, size }: AskedFor): Promise<boolean> {
    const { store, policy } = this.#asking
    if (policy.quorum.kind === 'none') return true
    return (await latestWitnessed(store.read, log))?.size === size
  }
}

/** Asks one witness, proves anew from where it says it is, and verifies its signature. */
async function cosignatureOf(
  { store }: Asking,
  witness: Asked,
  state: AskedFor,
  before: number,
): Promise<NoteSignature | WitnessFault> {
  const { log, size, checkpoint } = state
  let oldSize = before
  for (let attempt = 0; attempt < attempts; attempt++) {
    const proof = await consistencyProof(store.read, log, oldSize, size)
    const body = formatSubmission({ oldSize, proof, checkpoint: utf8(checkpoint) })
    const answer = await answerOf(witness.url, body)
    if (answer === undefined || answer.status >= 500) return 'weather'
    if (answer.status === 200) return verified(witness, checkpoint, answer.text)
    if (answer.status === 422) return 'inconsistent'
    const seen = answer.status === 409 ? parseSizeAnswer(answer.text) : undefined
    if (seen === undefined) return 'refused'
    // Another instance of us may have been faster: then there is a newer round soon.
    const ours = (await logState(store.read, log))?.size ?? 0
    if (seen > size) return seen > ours ? 'ahead' : 'weather'
    oldSize = seen
  }
  return 'weather'
}

async function answerOf(url: string, body: Uint8Array): Promise<Answered | undefined> {
  try {
    return await submit(url, body)
  } catch (error) {
    if (error instanceof Weather) return undefined
    throw error
  }
}

/** The witness's own line of its answer, if it holds for exactly this checkpoint. */
async function verified(
  { vkey }: Asked,
  checkpoint: string,
  lines: string,
): Promise<NoteSignature | WitnessFault> {
  try {
    const own = parseSignatures(lines).find((line) => keyOf(line) === keyOf(vkey))
    const { text } = parseNote(utf8(checkpoint))
    const verifier = cosignatureVerifier(vkey, verifyEd25519)
    const good = own !== undefined && (await verifier.verify(text, new Uint8Array(own.signature)))
    return good ? own : 'unverified'
  } catch (error) {
    if (error instanceof TlogError) return 'unverified'
    throw error
  }
}

/**
 * Archives the checkpoint once a quorum has cosigned it. Looked at after the cosignatures were
 * committed: of two instances that have one each, the later one sees both.
 */
async function completeQuorum(
  { store, policy, clock }: Asking,
  { log, size, checkpoint }: AskedFor,
): Promise<void> {
  if (policy.quorum.kind === 'none') return
  if ((await latestWitnessed(store.read, log))?.size === size) return
  const rows = await cosignaturesAt(store.read, log, size)
  const known = new Set(policy.witnesses.map(({ vkey }) => keyOf(vkey)))
  const counted = rows.filter(({ witness }) => known.has(witness))
  const signatures = counted.flatMap(({ line }) => parseSignatures(line))
  if (!quorumMet(policy.quorum, signatures)) return
  const whole = { size, checkpoint: withCosignatures(checkpoint, counted) }
  await store.transaction((tx) => keepWitnessed(tx, log, whole, clock()))
}
