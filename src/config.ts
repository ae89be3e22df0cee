import { z } from 'zod'

const proxy = z.union([
  z.ipv4(),
  z.ipv6(),
  z.cidrv4(),
  z.cidrv6(),
  z.enum(['loopback', 'linklocal', 'uniquelocal']),
])

const environment = z.object({
  DATABASE_URL: z.string().optional(),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  ANCHOR_FILE: z.string().optional(),
  KEYS_PASSPHRASE: z.string().min(1).optional(),
  KEYS_COMMAND: z.string().min(1).optional(),
  TRUST_LIST_URL: z.url({ protocol: /^https?$/ }).optional(),
  WITNESS_POLICY: z.string().min(1).optional(),
  PEER_POLICY: z.string().min(1).optional(),
  MESSAGE_GATEWAY_URL: z.url({ protocol: /^https?$/ }).optional(),
  MESSAGE_GATEWAY_SECRET: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/)
    .optional(),
  MESSAGES_PER_SECOND: z.coerce.number().int().min(1).max(1000).default(20),
  MAX_PENDING_LEAVES: z.coerce.number().int().min(1).default(50_000),
  TRUSTED_PROXIES: z
    .string()
    .transform((list) => list.split(',').map((one) => one.trim()))
    .pipe(z.array(proxy))
    .optional(),
  DEVELOPMENT: z.enum(['0', '1']).default('0'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
})

/** A gateway for text messages or mail, and what signs messages for it. */
interface Gateway {
  readonly url: string
  readonly secret: Uint8Array
  readonly perSecond: number
  readonly patienceMs: number
}

const gatewayPatienceMs = 5_000

/** What the environment says, read once. */
export interface Config {
  readonly databaseUrl: string | undefined
  readonly port: number
  readonly host: string
  /** The address the world knows us by; by default the one we listen on. */
  readonly publicUrl: string | undefined
  readonly anchorFile: string | undefined
  readonly logLevel: string
  /** Opens the key files; `keysCommand` is a command that prints it. */
  readonly keysPassphrase?: string | undefined
  readonly keysCommand?: string | undefined
  /** Where the trust list is fetched from, again and again. */
  readonly trustListUrl?: string | undefined
  /** A file (tlog-policy): the witnesses that are asked, where they answer, how many are enough. */
  readonly witnessPolicy?: string | undefined
  /** The same form: the witnesses that must have cosigned what other nodes are owed for. */
  readonly peerPolicy?: string | undefined
  /** Who brings messages to phones; none: they stay in the members' inboxes. */
  readonly messageGateway?: Gateway | undefined
  /** Leaves that may wait for the log (PostgreSQL) before writes are refused. */
  readonly maxPendingLeaves?: number
  /** Addresses and ranges of proxies before us, whose `X-Forwarded-For` says who a client is. */
  readonly trustedProxies?: readonly string[] | undefined
  /** Lets the credentials' endpoints live at plain `http://localhost`. Never in service. */
  readonly development?: boolean
}

/** Reads the environment. What is malformed is an Error that names the variable, not its value. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const read = environment.safeParse(env)
  if (!read.success) {
    const named = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`the environment is not valid: ${named.join('; ')}`)
  }
  const { data } = read
  return Object.freeze({
    databaseUrl: data.DATABASE_URL,
    port: data.PORT,
    host: data.HOST,
    publicUrl: data.PUBLIC_URL,
    anchorFile: data.ANCHOR_FILE,
    logLevel: data.LOG_LEVEL,
    keysPassphrase: data.KEYS_PASSPHRASE,
    keysCommand: data.KEYS_COMMAND,
    trustListUrl: data.TRUST_LIST_URL,
    witnessPolicy: data.WITNESS_POLICY,
    peerPolicy: data.PEER_POLICY,
    messageGateway: gatewayOf(data),
    maxPendingLeaves: data.MAX_PENDING_LEAVES,
    trustedProxies: data.TRUSTED_PROXIES,
    development: data.DEVELOPMENT === '1',
  })
}

/** The gateway, if there is one. Without a secret it could not tell our messages from anybody's. */
function gatewayOf(data: z.output<typeof environment>): Gateway | undefined {
  const { MESSAGE_GATEWAY_URL: url, MESSAGE_GATEWAY_SECRET: secret } = data
  if (url === undefined && secret === undefined) return undefined
  if (url === undefined || secret === undefined) {
    throw new Error('MESSAGE_GATEWAY_URL and MESSAGE_GATEWAY_SECRET are set together')
  }
  return {
    url,
    secret: Buffer.from(secret.slice('whsec_'.length), 'base64'),
    perSecond: data.MESSAGES_PER_SECOND,
    patienceMs: gatewayPatienceMs,
  }
}
