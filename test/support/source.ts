/**
 * Reading our sources without a compiler: enough to count lines and imports. Strings, templates,
 * comments and regular expressions are told apart; what is in them is blanked, line by line.
 */

type Part = 'code' | 'string' | 'comment'

/** Calls `see` with every character and what it is part of. */
function scan(text: string, see: (char: string, part: Part) => void): void {
  const templates: number[] = [] // depth of braces at which each open `${` began
  let depth = 0
  let last = '' // the last character of code that was no space: tells a regular expression
  for (let i = 0; i < text.length; ) {
    const char = text[i] ?? ''
    const two = text.slice(i, i + 2)
    let end = i + 1
    let part: Part = 'code'
    if (two === '//') [end, part] = [indexOr(text, '\n', i), 'comment']
    else if (two === '/*') [end, part] = [indexOr(text, '*/', i) + 2, 'comment']
    else if (char === "'" || char === '"') [end, part] = [stringEnd(text, i, char), 'string']
    else if (char === '/' && regexMayStart(last)) [end, part] = [regexEnd(text, i), 'string']
    else if (char === '`' || (char === '}' && templates.at(-1) === depth)) {
      if (char === '}') templates.pop()
      end = templateEnd(text, i + 1)
      if (text.slice(end - 2, end) === '${') templates.push(depth)
      part = 'string'
    } else if (char === '{') depth++
    else if (char === '}') depth--
    for (; i < end && i < text.length; i++) see(text[i] ?? '', part)
    if (part === 'code' && char.trim()) last = char
    else if (part === 'string') last = ')'
  }
}

function indexOr(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from)
  return at === -1 ? text.length : at
}

function stringEnd(text: string, from: number, quote: string): number {
  let i = from + 1
  while (i < text.length && text[i] !== quote) i += text[i] === '\\' ? 2 : 1
  return i + 1
}

/** Behind the closing back-tick, or behind the `${` that comes first. */
function templateEnd(text: string, from: number): number {
  let i = from
  while (i < text.length && text[i] !== '`') {
    if (text.slice(i, i + 2) === '${') return i + 2
    i += text[i] === '\\' ? 2 : 1
  }
  return i + 1
}

function regexMayStart(last: string): boolean {
  return last === '' || '(,=:[!&|?{};>'.includes(last)
}

function regexEnd(text: string, from: number): number {
  let i = from + 1
  for (let set = false; i < text.length && (set || text[i] !== '/'); i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '[') set = true
    else if (text[i] === ']') set = false
  }
  return i + 1
}

function blanked(text: string, parts: readonly Part[], by = ' '): string {
  let kept = ''
  scan(text, (char, part) => {
    kept += parts.includes(part) && char !== '\n' ? by : char
  })
  return kept
}

/** The same lines, without what is said in comments. */
export function withoutComments(text: string): string {
  return blanked(text, ['comment'])
}

/** The same lines, without strings, templates and regular expressions, and without comments. */
export function withoutStrings(text: string): string {
  return blanked(text, ['comment', 'string'])
}

/** The same lines, shortened by their strings, templates and regular expressions. */
export function withoutLiterals(text: string): string {
  return blanked(text, ['string'], '')
}

/** What is imported, types too. `code` is without comments. */
export function importsOf(code: string): string[] {
  const from = /^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm
  const bare = /^import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm
  return [from, bare].flatMap((pattern) =>
    [...code.matchAll(pattern)].map(([, name, dynamic]) => name ?? dynamic ?? ''),
  )
}

/**
 * Where each function with a body begins, and how many lines it has: its head included, and without
 * those of the functions inside it, which are counted by themselves.
 */
export function functionsOf(text: string): { line: number; lines: number }[] {
  const code = withoutStrings(text)
  const found: { line: number; lines: number }[] = []
  const open: { line: number; isFunction: boolean; inner: number }[] = []
  let line = 1
  for (let i = 0; i < code.length; i++) {
    if (code[i] === '\n') line++
    else if (code[i] === '{') {
      const before = code.slice(Math.max(0, i - 2000), i)
      const head = headOf(before)
      const heads = head === undefined ? 0 : before.slice(head).split('\n').length - 1
      open.push({ line: line - heads, isFunction: head !== undefined, inner: 0 })
    } else if (code[i] === '}') {
      const block = open.pop()
      if (!block) continue
      const all = line - block.line + 1
      if (block.isFunction) found.push({ line: block.line, lines: all - block.inner })
      const around = open.at(-1)
      if (around) around.inner += block.isFunction ? all - 1 : block.inner
    }
  }
  return found
}

const notFunctions = /\b(if|for|while|switch|catch|with)\s*$/

/**
 * Where the head of the function begins whose `{` follows `before`; none when it is no function.
 */
function headOf(before: string): number | undefined {
  const trimmed = before.trimEnd()
  if (trimmed.endsWith('=>')) {
    const end = trimmed.slice(0, -2).trimEnd()
    return end.endsWith(')') ? openingOf(end) : end.length
  }
  // A declaration or a method: `name(…) {`, `name(…): Type {`.
  const close = trimmed.endsWith(')') ? trimmed : /^[\s\S]*\)(?=\s*:[^(){};=]*$)/.exec(trimmed)?.[0]
  if (!close) return undefined
  const at = openingOf(close)
  return notFunctions.test(close.slice(0, at)) ? undefined : at
}

/** Where the bracket opens that the last character of `text` closes. */
function openingOf(text: string): number {
  let depth = 0
  for (let i = text.length - 1; i >= 0; i--) {
    if (text[i] === ')') depth++
    else if (text[i] === '(' && --depth === 0) return i
  }
  return 0
}
