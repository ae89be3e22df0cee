import { getTableColumns, getTableName } from 'drizzle-orm'

import { sqliteKit } from '../../src/store/kit.sqlite.ts'
import { tablesOf } from '../../src/store/schema/tables.ts'

const schema = tablesOf(sqliteKit)

/** The tables that stand beside journal and tree: what witnesses, days and statements left. */
export const tables = [
  schema.cosignatures,
  schema.witnessedCheckpoints,
  schema.ledgerCloses,
  schema.reconciliations,
  schema.statements,
  schema.statementLines,
  schema.statementApprovals,
  schema.statementAdjustments,
  schema.disclosures,
  schema.issuedLists,
]

/** Columns whose change is noticed by neither command, each with the reason. */
const ours = 'our clock when we heard of it: the witness’s own time is in its signature'
const desk = 'the desk’s own record of a decision: no leaf says it, and no money follows from it'
const people = 'who it was: a leaf names no person, so only this row does'
const sealed =
  'sealed: what is changed opens no digest any more, and no other can be put in its place'

export const meaningless: Readonly<Record<string, string>> = {
  'cosignatures.at': ours,
  'witnessed_checkpoints.at': ours,
  'statements.closed_by': people,
  'statements.confirmed_at': desk,
  'statements.confirmed_by': people,
  'statements.disputed_at': desk,
  'statements.disputed_by': people,
  'statements.dispute_reason': desk,
  'statements.dispute_text': desk,
  'statements.answered_at': desk,
  'statements.answered_by': people,
  'statements.answer': desk,
  'statements.approved_at': desk,
  'statements.paid_by': people,
  'statements.bank_reference': 'the bank’s: its account statement has it, the ledger does not',
  'statement_approvals.person_id': people,
  'statement_approvals.principal_id': people,
  'statement_approvals.at': desk,
  'statement_adjustments.reason': 'a digest in the leaf: whoever opens it sees the other',
  'statement_adjustments.person_id': 'a digest in the leaf: whoever opens it sees the other',
  'disclosures.sealed_member': sealed,
  'disclosures.sealed_node': sealed,
}

/** A change of every column of a table: another choice, seven more, other octets or text. */
export function columnsOf(table: (typeof tables)[number]) {
  const name = getTableName(table)
  return Object.entries(getTableColumns(table)).map(([key, column]) => {
    const sqlName = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    return {
      name: `${name}.${sqlName}`,
      table: name,
      column: sqlName,
      to: changeOf(column, sqlName),
    }
  })
}

interface Described {
  readonly dataType: string
  readonly columnType: string
  readonly enumValues?: readonly string[] | undefined
}

function changeOf({ dataType, enumValues = [] }: Described, column: string): string {
  const [first, last] = [enumValues.at(0), enumValues.at(-1)]
  if (first && last) return `case "${column}" when '${last}' then '${first}' else '${last}' end`
  if (dataType === 'boolean') return `not "${column}"`
  if (/number|bigint|date/.test(dataType)) return `coalesce("${column}", 0) + 7`
  if (/string/.test(dataType)) return `'x'`
  return '$hash'
}
