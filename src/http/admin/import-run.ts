import { hour, type Instant } from '../../base/clock.ts'
import { orgPathOf } from '../../benefits/scope.ts'
import type { CalendarDate } from '../../identity/calendar-date.ts'
import { mappingOf } from '../../identity/import-record.ts'
import type { Import } from '../../identity/import-report.ts'
import { readPrincipal } from '../../identity/principals.ts'
import { importList } from '../../jobs/list-import.ts'
import { importRoster } from '../../jobs/roster-import.ts'
import type { Reader } from '../../store/store.ts'
import type { Context } from '../context.ts'
import type { FileImport } from './received-file.ts'

/** What reads the file of an import, as its row says. */
export async function runImport(
  { store, node, clock }: Context,
  given: Pick<Import, 'listId' | 'orgCode' | 'createdBy' | 'mapping' | 'policy'>,
): Promise<FileImport['run']> {
  const { listId, orgCode: code, createdBy, policy } = given
  const path = await orgPathOf(store.read, code)
  const mapping = mappingOf(given)
  return (source, importId, ending) => {
    const options = {
      ...{ importId, createdBy, today: chinaDay(clock()), now: clock, mapping, ending },
      ...(policy && { policy }),
    }
    return listId === null
      ? importRoster(store, node, source, { ...options, scope: { code, path } })
      : importList(store, node, source, { ...options, listId })
  }
}

/** The person behind a principal that still stands. */
export async function personOf(reader: Reader, principalId: string): Promise<string | undefined> {
  return (await readPrincipal(reader, principalId))?.personId
}

/** The calendar day at `now` where the unions are (UTC+8, without summer time). */
function chinaDay(now: Instant): CalendarDate {
  return new Date(now + 8 * hour).toISOString().slice(0, 10)
}
