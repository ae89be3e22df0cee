import { Refusal } from '../../base/refusal.ts'
import { refusalCodes } from '../../base/refusal-codes.ts'
import { internalProblem, type Problem, problemOf, type Retry } from '../problem.ts'

/** What a program may do, told to people. */
const advice: Record<Retry, readonly [zh: string, en: string]> = {
  never: ['请勿重试，结果不会改变', 'Do not retry: the answer will not change'],
  same_key: ['可用同一 Idempotency-Key 重试', 'Retry with the same Idempotency-Key'],
  later: ['请稍后以新请求重试', 'Try again later, as a new request'],
  after_action: ['先处理原因，再发起新请求', 'Act on the reason first, then send a new request'],
}

const style = `
body { font: 1rem/1.6 system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif;
  max-width: 52rem; margin: 0 auto; padding: 1rem; color: #1a1a1a; background: #fff }
section { border-top: 1px solid #ccc; padding: .5rem 0 }
section:target { background: #fff4c2 }
h2 { font-size: 1.1rem; margin: .25rem 0 }
h2 a { color: inherit; text-decoration: none }
dl { display: grid; grid-template-columns: 11rem 1fr; gap: .1rem 1rem; margin: 0 }
dt { color: #555 } dd { margin: 0 } span { display: block }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr } }
`

/** Every refusal with its status, words and what to do: where the `type` of a problem points. */
export function problemsPage(): string {
  const problems = [...refusalCodes.map((code) => problemOf(new Refusal(code))), internalProblem]
  const byStatus = problems.toSorted((a, b) => a.status - b.status)
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>拒绝代码 · Refusals</title>
<style>${style}</style>
</head>
<body>
<h1>拒绝代码 <span lang="en">Refusals</span></h1>
<p>每个拒绝都是 RFC 9457 的 problem+json，代码固定不变。 <span lang="en">Every refusal is a problem
document (RFC 9457) with a code that never changes.</span></p>
${byStatus.map(sectionOf).join('\n')}
</body>
</html>
`
}

function sectionOf({ type, code, status, retry, words }: Problem): string {
  const anchor = type.slice(type.indexOf('#') + 1)
  const { cashier, member } = words
  return `<section id="${anchor}">
<h2><a href="#${anchor}">${code}</a></h2>
<dl>
<dt>状态 Status</dt><dd>${status}</dd>
<dt>收银员 Cashier</dt><dd>${pair(cashier.zh, cashier.en)}</dd>
<dt>会员 Member</dt><dd>${pair(member.zh, member.en)}</dd>
<dt>重试 Retry</dt><dd><code>${retry}</code> ${pair(...advice[retry])}</dd>
</dl>
</section>`
}

function pair(zh: string, en: string): string {
  return `<span>${escaped(zh)}</span><span lang="en">${escaped(en)}</span>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
