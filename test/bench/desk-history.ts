import { eq, isNull, or } from 'drizzle-orm'

import { day, type Instant, systemClock } from '../../src/base/clock.ts'
import { bucketOf, newId, newRandomId } from '../../src/base/id.ts'
import { unionZone } from '../../src/benefits/criteria/month.ts'
import { dayIn } from '../../src/benefits/criteria/zone.ts'
import type { Deployment } from '../../src/compose.ts'
import { sealApplicant } from '../../src/identity/applicant.ts'
import type { Store, Tx } from '../../src/store/store.ts'
import { measureNames, nothing } from '../../src/vouchers/funnel/measures.ts'

const days = 90
const benefits = 40
const programmes = 1_000
const batches = 5_000
const applications = 20_000
const joinCodes = 3_000

type Rows<Table extends keyof Tx['tables']> = Tx['tables'][Table]['$inferInsert'][]

/**
 * What piles up on a desk in a quarter of a year, as bare rows that the log knows nothing of:
 * figures of 40 benefits a day at the top, the provinces and the cities of two; programmes, batches,
 * applications and join codes of many unions, some of which wait.
 */
export async function addHistory(
  { store, node }: Deployment,
  unions: readonly string[],
): Promise<void> {
  const now = systemClock()
  const union = (i: number) => unions[(i * 7919) % unions.length] ?? ''
  const funnel = await funnelRows(store, now)
  const own = programmeRows(union, now)
  const codes = Array.from({ length: joinCodes }, (_, i) => ({
    ...{ id: newId(now), orgCode: union(i), codeHash: octets(i), note: '', createdBy: 'bench' },
    ...{ createdAt: now, endsAt: null, revokedAt: null },
  }))
  const totals = [...new Set(funnel.map(({ orgCode }) => orgCode))].flatMap((orgCode) =>
    Array.from({ length: benefits }, (_, i) => ({ orgCode, ...figuresOf(i, days) })),
  )
  await store.transaction((tx) => tx.insertMany(tx.tables.funnelTotals, totals))
  for (let at = 0; at < funnel.length; at += 20_000) {
    const part = funnel.slice(at, at + 20_000)
    await store.transaction((tx) => tx.insertMany(tx.tables.funnelSums, part))
  }
  await store.transaction(async (tx) => {
    await tx.insertMany(tx.tables.programmes, own)
    await tx.insertMany(tx.tables.batches, batchRows(own, now))
    await tx.insertMany(tx.tables.applications, applicationRows(node, union, now))
    await tx.insertMany(tx.tables.joinCodes, codes)
  })
}

async function funnelRows({ read }: Store, now: Instant): Promise<Rows<'funnelSums'>> {
  const { organisations: o } = read.tables
  const places = await read
    .select({ code: o.code })
    .from(o)
    .where(
      or(
        ...[isNull(o.parentCode), eq(o.level, 'provincial')],
        ...[eq(o.parentCode, '640000'), eq(o.parentCode, '440000')],
      ),
    )
  const rows: Rows<'funnelSums'> = []
  for (const { code: orgCode } of places) {
    for (let i = 0; i < days * benefits; i++) {
      const at = now - (1 + Math.floor(i / benefits)) * day
      rows.push({ day: dayIn(unionZone, at), orgCode, ...figuresOf(i % benefits, 1) })
    }
  }
  return rows
}

function figuresOf(benefit: number, times: number) {
  const figures = measureNames.map((name, i) => [name, (1000 - 80 * i) * times] as const)
  const place = { programmeId: `past-${benefit % 8}`, benefitId: `past-${benefit}` }
  return { ...place, ...nothing(), ...Object.fromEntries(figures) }
}

function programmeRows(union: (i: number) => string, now: Instant): Rows<'programmes'> {
  return Array.from({ length: programmes }, (_, i) => {
    const id = newRandomId()
    return {
      ...{ id, bucket: bucketOf(id), publicId: newId(now), nameZh: '往年', nameEn: 'past' },
      ...{ orgCode: union(i), periodFrom: now - days * day, periodTo: now },
      ...{ timeZone: 'Asia/Shanghai', available: 0, version: 1, createdAt: now - days * day },
    }
  })
}

function batchRows(own: Rows<'programmes'>, now: Instant): Rows<'batches'> {
  return Array.from({ length: batches }, (_, i) => {
    const programme = own[i % own.length]
    return {
      ...{ id: newId(now), benefitId: 'past', benefitVersion: 1, programmeId: programme?.id ?? '' },
      ...{ orgCode: programme?.orgCode ?? '', source: 'criteria' as const, criteria: '{}' },
      ...{ delivery: 'offer' as const, note: '', version: 1, createdBy: 'bench', cursor: '' },
      ...{ state: i % 100 === 99 ? ('submitted' as const) : ('completed' as const) },
      ...{ approvalsNeeded: 1, chunks: 0, issued: 0, dropped: 0, recalled: 0, createdAt: now },
    }
  })
}

function applicationRows(
  node: Deployment['node'],
  union: (i: number) => string,
  now: Instant,
): Rows<'applications'> {
  return Array.from({ length: applications }, (_, i) => {
    const id = newId(now)
    const waiting = i % 20 === 19
    const known = { name: '王芳', idType: 'other' as const, idNumber: String(i) }
    const applicant = { ...known, mobile: '', occupation: 'other' as const, device: '' }
    return {
      ...{ id, orgCode: union(i), fileId: 'past', version: 1, idHash: octets(i), createdAt: now },
      state: waiting ? ('waiting' as const) : ('approved' as const),
      sealed: waiting ? sealApplicant(node, id, applicant) : new Uint8Array(0),
    }
  })
}

/** Some octets of one's own: of a hash that nobody asks for. */
function octets(i: number): Uint8Array {
  const made = new Uint8Array(32)
  new DataView(made.buffer).setUint32(0, i)
  return made
}
