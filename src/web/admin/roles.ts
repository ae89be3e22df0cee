import type { Words } from '../parts/language.tsx'
import { word } from './words.ts'

/** Roles of the union's staff. */
export const roleNames: Readonly<Record<string, Words>> = {
  admin: word('管理员', 'Administrator'),
  registrar: word('会籍管理', 'Registrar'),
  maker: word('经办人', 'Maker'),
  approver: word('审批人', 'Approver'),
  merchant_manager: word('商户管理', 'Merchant manager'),
  auditor: word('审计', 'Auditor'),
  verifier: word('核验', 'Verifier'),
}
