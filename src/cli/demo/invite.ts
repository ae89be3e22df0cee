import type { Instant } from '../../base/clock.ts'
import type { Deployment } from '../../compose.ts'
import { invitationPath } from '../../identity/invitations.ts'
import type { Role } from '../../identity/roles.ts'
import { inviteStaff } from '../../identity/staff.ts'

const province = '640000'
const people: readonly (readonly [name: string, role: Role])[] = [
  ['王敏（管理员）', 'admin'],
  ['马丽（经办）', 'maker'],
  ['李强（审批）', 'approver'],
  ['周审计', 'auditor'],
]

/** One of the union's people, and the address at which they make their passkey. */
export interface Invited {
  readonly role: Role
  readonly address: string
}

/** Invites people to the demonstration's desk, each registered at the machine itself. */
export function inviteDesk(
  { store, node }: Deployment,
  { url, now }: { readonly url: string; readonly now: Instant },
): Promise<Invited[]> {
  return store.transaction(async (tx) => {
    const invited: Invited[] = []
    for (const [name, role] of people) {
      const grants = [{ role, orgCode: province }]
      const { token } = await inviteStaff(tx, node, { name, grants, now })
      invited.push({ role, address: `${url}${invitationPath(token, role)}` })
    }
    return invited
  })
}
