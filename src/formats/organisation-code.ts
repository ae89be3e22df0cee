/**
 * How the code of an organisation is written: the six digits of its region (GB/T 2260), and what
 * tells it from the others there. Also good as the `pattern` of an HTML input.
 */
export const organisationCode = /^[0-9]{6}(?:[0-9A-Z]|-){0,26}$/
