import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import type { Page } from 'playwright-core'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

import { must } from '../../src/cli/demo/desk.ts'
import type { Person } from '../joining/applicant.ts'
import { counties, type Desk } from '../support/union.ts'

/** A code that a county's union prints. */
export async function joinCode({ ask }: Pick<Desk, 'ask'>): Promise<string> {
  const made = await must(ask('POST', '/admin/join-codes', { org_code: counties[0] }), 201)
  return String(made.code)
}

/** Fills the form in as that person, and sends it. */
export async function fillApplication(page: Page, { name, idNumber, mobile }: Person) {
  await page.getByLabel('姓名').fill(name)
  await page.getByLabel('证件号码').fill(idNumber)
  await page.getByLabel('手机号').fill(mobile)
  await page.getByLabel('职业').selectOption({ label: '快递员' })
  await page.getByLabel('我同意').check()
  await page.getByRole('button', { name: '提交申请' }).click()
}

/** Decides the latest application of the county, as its desk. */
export async function decideLatest(
  { ask }: Pick<Desk, 'ask'>,
  decision: { decision: 'approve' | 'reject' | 'ask'; reason?: string } = { decision: 'approve' },
): Promise<void> {
  const list = `/admin/applications?org_code=${counties[0]}&state=waiting`
  const { items } = await must(ask('GET', list))
  const { id, version } = (items as unknown as { id: string; version: number }[]).at(-1)!
  await must(ask('POST', `/admin/applications/${id}/decisions`, { ...decision, version }))
}

/** What the QR code on a page says, read from its picture. */
export async function shownQr(page: Page): Promise<string> {
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')
  const octets = readFileSync(wasm)
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(octets).buffer } })
  const picture = await page.locator('.qr').screenshot()
  const [found] = await readBarcodes(new Uint8Array(picture), { formats: ['QRCode'] })
  return found?.text ?? ''
}
