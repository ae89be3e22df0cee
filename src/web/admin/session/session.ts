import { createContext, useContext } from 'react'

/** Who is signed in, as the API says. */
export interface Session {
  readonly id: string
  readonly name: string
  readonly permissions: readonly string[]
  readonly grants: readonly {
    readonly role: string
    readonly org_code: string
    readonly org_name_zh: string
  }[]
  readonly node: { readonly number: number; readonly code: string; readonly name_zh: string }
}

export const SessionContext = createContext<Session | undefined>(undefined)

/** The session of whoever is signed in; only inside the entrance. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new TypeError('nobody is signed in here')
  return session
}

/** Whether the one who is signed in has a permission somewhere. */
export function usePermission(): (permission: string) => boolean {
  const { permissions } = useSession()
  return (permission) => permissions.includes(permission)
}
