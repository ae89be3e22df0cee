/**
 * Parameters as a link's query. Colons and slashes stay as they are, which RFC 3986 section 3.4
 * allows there: the link is for a QR code, and each would be three letters.
 */
export function linkQuery(parameters: Readonly<Record<string, string>>): string {
  return new URLSearchParams(parameters).toString().replaceAll('%3A', ':').replaceAll('%2F', '/')
}
