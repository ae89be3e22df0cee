import { word } from '../admin/words.ts'
import type { Words } from '../parts/language.tsx'

/** Somebody's word on a proposal. */
export interface DecisionRecord {
  readonly at: number
  readonly decision: 'approve' | 'reject'
  readonly principal_id: string
  readonly person_id: string
  readonly statement: string
  /** By whichever it was signed. */
  readonly passkey?: { readonly verified: boolean }
  readonly program?: { readonly verified: boolean }
}

/** A proposal as auditors see it. Money is fen. */
export interface ProposalRecord {
  readonly id: string
  readonly kind: string
  readonly about: string
  readonly subject?: string
  readonly org_code: string
  readonly amount: number
  readonly state: string
  readonly approvals_needed: number
  readonly digest: string
  readonly intact: boolean
  readonly proposed_by: { readonly principal_id: string; readonly person_id: string }
  readonly proposed_at: number
  readonly decisions: readonly DecisionRecord[]
  readonly content?: string
}

/** Texts about changes that take two. */
export const proposalWords = {
  title: word('须两人的变更', 'Changes that take two'),
  lead: word(
    '预算变更、收回、延期和补发：谁提出，谁签署。每个签名由本节点刚刚重新验证。',
    'Budgets, recalls, renewals: who proposed each and who signed. Every signature was verified anew by this node just now.',
  ),
  proposed_by: word('提出人', 'Proposed by'),
  decided_by: word('签署人', 'Decided by'),
  decisions: word('签署', 'Decisions'),
  decision: word('决定', 'Decision'),
  approve: word('批准', 'Approved'),
  reject: word('驳回', 'Rejected'),
  evidence: word('证据', 'Evidence'),
  holds: word('签名有效', 'The signature holds'),
  fails: word('签名无效', 'The signature does not hold'),
  program_holds: word('程序签名，签名有效', 'By a program: the signature holds'),
  program_fails: word('程序签名，签名无效', 'By a program: the signature does not hold'),
  statement: word('签署原文', 'Statement'),
  about: word('对象', 'About'),
  intact: word('内容与摘要相符', 'The content is what the digest names'),
  broken: word('内容与摘要不符', 'The content is not what the digest names'),
  no_content: word(
    '收回的选择里可能指明会员，这里不显示。',
    'Which vouchers a recall chose may name members, and is not shown here.',
  ),
}

/** Whether the signature under a decision is good. */
export function isVerified({ passkey, program }: DecisionRecord): boolean {
  return (passkey ?? program)?.verified ?? false
}

/** What the evidence of a decision comes to. */
export function evidenceOf(made: DecisionRecord): Words {
  const good = isVerified(made)
  if (made.passkey) return good ? proposalWords.holds : proposalWords.fails
  return good ? proposalWords.program_holds : proposalWords.program_fails
}
