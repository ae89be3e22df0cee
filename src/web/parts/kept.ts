/*
 * What a page keeps on its device. Keys are WebCrypto's and cannot be read out; everything else is
 * sealed (AES-256-GCM) under such a key, so that a copied profile folder tells nothing personal.
 */

const database = 'symbolon'
const table = 'kept'
const sealingName = 'sealing key'

type Sealed = Readonly<{ nonce: Uint8Array<ArrayBuffer>; sealed: ArrayBuffer }>

/** Keeps a key, or anything else that is no secret by itself, as it is. */
export async function keep(name: string, value: unknown): Promise<void> {
  await run('readwrite', (kept) => kept.put(value, name))
}

/** What `keep` kept, or `undefined`. */
export async function recall<T>(name: string): Promise<T | undefined> {
  return (await run('readonly', (kept) => kept.get(name))) as T | undefined
}

/** Keeps a value of JSON, sealed. */
export async function keepSealed(name: string, value: unknown): Promise<void> {
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  const plain = new TextEncoder().encode(JSON.stringify(value))
  const how = { name: 'AES-GCM', iv: nonce, additionalData: new TextEncoder().encode(name) }
  const sealed = await crypto.subtle.encrypt(how, await sealingKey(), plain)
  await keep(name, { nonce, sealed } satisfies Sealed)
}

/** What `keepSealed` kept; `undefined` when there is nothing, or it no longer opens. */
export async function recallSealed<T>(name: string): Promise<T | undefined> {
  const found = await recall<Sealed>(name)
  if (!found) return undefined
  const how = { name: 'AES-GCM', iv: found.nonce, additionalData: new TextEncoder().encode(name) }
  try {
    const plain = await crypto.subtle.decrypt(how, await sealingKey(), found.sealed)
    return JSON.parse(new TextDecoder().decode(plain)) as T
  } catch {
    return undefined
  }
}

/** Forgets one thing, or everything that this device keeps. */
export async function forget(name?: string): Promise<void> {
  if (name === undefined) sealing = undefined
  await run('readwrite', (kept) => (name === undefined ? kept.clear() : kept.delete(name)))
}

let sealing: Promise<CryptoKey> | undefined

function sealingKey(): Promise<CryptoKey> {
  sealing ??= (async () => {
    const known = await recall<CryptoKey>(sealingName)
    if (known) return known
    const how = { name: 'AES-GCM', length: 256 }
    const made = await crypto.subtle.generateKey(how, false, ['encrypt', 'decrypt'])
    await keep(sealingName, made)
    return made
  })()
  return sealing
}

let opened: Promise<IDBDatabase> | undefined

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(database, 1)
    asked.onupgradeneeded = () => asked.result.createObjectStore(table)
    asked.onsuccess = () => {
      asked.result.onclose = forgetOpened
      resolve(asked.result)
    }
    asked.onerror = () => {
      forgetOpened()
      reject(asked.error)
    }
  })
  return opened
}

/** The browser has closed it, or would not open it: it is opened anew when next asked for. */
function forgetOpened(): void {
  opened = undefined
}

async function run(
  mode: IDBTransactionMode,
  ask: (kept: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const transaction = (await open()).transaction(table, mode)
  const asked = ask(transaction.objectStore(table))
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked.result)
    transaction.onerror = () => reject(transaction.error)
    transaction.onabort = () => reject(transaction.error)
  })
}
