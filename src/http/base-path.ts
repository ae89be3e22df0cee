/** The path of the node's address, without a slash at the end; empty for a node with a host. */
export function basePathOf(publicUrl: string): string {
  return new URL(publicUrl).pathname.replace(/\/+$/, '')
}

/**
 * A well-known address of the node: the name is inserted *before* the node's path (RFC 8414
 * section 3.1; OpenID4VCI 1.0 section 12.2.2; SD-JWT VC draft-19). Answers a path.
 */
export function wellKnownPath(name: string, publicUrl: string): string {
  return `/.well-known/${name}${basePathOf(publicUrl)}`
}

/** What is asked below the node's path, as the routes know it; a proxy may have cut it already. */
export function withoutBasePath(url: string, base: string): string {
  if (base === '' || !url.startsWith(base)) return url
  const rest = url.slice(base.length)
  if (rest === '' || rest.startsWith('?')) return `/${rest}`
  return rest.startsWith('/') ? rest : url
}
