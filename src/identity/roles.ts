import { Refusal } from '../base/refusal.ts'
import type { Session } from './sessions.ts'

/** What a role lets its holder do. One word a power; routes ask for one each. */
export const permissions = [
  'organisations.read',
  'organisations.write',
  'members.read',
  'members.write',
  'members.erase',
  'benefits.read',
  'benefits.write',
  'budgets.write',
  'batches.write',
  'batches.approve',
  'merchants.read',
  'merchants.write',
  'statements.read',
  'statements.write',
  'statements.approve',
  'vouchers.read',
  'vouchers.write',
  'staff.write',
  'audit.read',
  'verifications.write',
] as const

export type Permission = (typeof permissions)[number]

const reading: Permission[] = [
  'organisations.read',
  'members.read',
  'benefits.read',
  'merchants.read',
  'vouchers.read',
]

/** Roles are sets of permissions, given on a subtree of organisations. */
export const roles = {
  admin: permissions,
  registrar: ['organisations.read', 'organisations.write', 'members.read', 'members.write'],
  maker: [...reading, 'benefits.write', 'batches.write', 'statements.read', 'statements.write'],
  approver: [...reading, 'batches.approve', 'statements.read', 'statements.approve'],
  merchant_manager: [
    'organisations.read',
    'merchants.read',
    'merchants.write',
    'benefits.read',
    'statements.read',
    'statements.write',
  ],
  auditor: ['audit.read', 'benefits.read', 'organisations.read'],
  verifier: ['verifications.write'],
} as const satisfies Record<string, readonly Permission[]>

export type Role = keyof typeof roles
export const roleNames = Object.keys(roles) as [Role, ...Role[]]

/** A role on everything below an organisation's path. */
export interface Grant {
  readonly role: Role
  readonly path: string
}

/** Who is asking, as far as deciding needs to know. */
export interface Principal {
  readonly id: string
  readonly kind: 'staff' | 'client'
  /** Duties are separated by persons: a client counts as its owner. */
  readonly personId: string
  /** Whether its proof is a signature that others can check. */
  readonly signs: boolean
  readonly grants: readonly Grant[]
  /** Where the principal is signed in by a passkey: a program never is. */
  readonly session?: Session
}

/** Whether a principal has a permission on what stands at `path`. */
export function holds({ grants }: Principal, permission: Permission, path: string): boolean {
  return grants.some(
    (one) =>
      path.startsWith(one.path) && (roles[one.role] as readonly Permission[]).includes(permission),
  )
}

/** The subtrees in which a principal has a permission. Refusal FORBIDDEN when there is none. */
export function scopesOf(principal: Principal, permission: Permission): string[] {
  const paths = principal.grants
    .filter(({ role }) => (roles[role] as readonly Permission[]).includes(permission))
    .map(({ path }) => path)
  if (paths.length === 0) throw new Refusal('FORBIDDEN')
  return paths
}

/** Refusal FORBIDDEN without the permission, OUT_OF_SCOPE when `path` is outside its subtrees. */
export function requirePermission(
  principal: Principal,
  permission: Permission,
  path: string,
): void {
  const inside = scopesOf(principal, permission).some((scope) => path.startsWith(scope))
  if (!inside) throw new Refusal('OUT_OF_SCOPE')
}

/**
 * Nobody gives away more than they hold: every permission of `role`, at `path`. Refusals FORBIDDEN,
 * OUT_OF_SCOPE.
 */
export function requireRole(principal: Principal, role: Role, path: string): void {
  for (const permission of roles[role]) requirePermission(principal, permission, path)
}
