import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/log.ts'
import { launchBrowser } from '../support/browser.ts'
import { createDatabase } from '../support/database.ts'

let app: App
let browser: Browser
let page: Page
let folder: string
let database: Awaited<ReturnType<typeof createDatabase>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-console-'))
  database = await createDatabase()
  const env = {
    PORT: '0',
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    TOCSIN_SECRET: 'a-secret-for-tests-alone',
    LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
  }
  app = await createApp(readConfig(env), env, createLogger(env.LOG_LEVEL))
  await app.start()
  browser = await launchBrowser()
  page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
  page.setDefaultTimeout(10_000)
  await page.goto(app.url)
})

afterAll(async () => {
  await browser?.close()
  await app?.stop()
  await database?.drop()
  if (folder) await rm(folder, { recursive: true, force: true })
})

/** Switches the person and opens a place; the page is ready once both are shown. */
const be = async (option: string, place: RegExp) => {
  await page.locator('#connection[data-state=on]').waitFor()
  await page.locator('#person').selectOption({ label: option })
  await page.locator('body', { hasText: option.replace(' · ', ', ') }).waitFor()
  await page.locator('.place', { hasText: place }).click()
  await page.locator('#room-name', { hasText: place }).waitFor()
}
const type = async (text: string) => {
  await page.locator('#composer-text').fill(text)
  await page.keyboard.press('Escape')
  await page.locator('#send').click()
}
const message = (text: string | RegExp) => page.locator('.message', { hasText: text }).last()
/** For looking at: TEST_SCREENSHOTS names a folder. */
const picture = async (name: string) => {
  const folder = process.env.TEST_SCREENSHOTS
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) })
}

test('a newcomer declares, acknowledges, is refused and asks, in the browser alone', async () => {
  await page.locator('#connection[data-state=on]').waitFor()
  const people = await page.locator('#person option').allTextContents()
  const ida = people.find((name) => name.includes('Ida Torres'))!
  const vic = people.find((name) => /viewer/i.test(name))!
  await be(ida, /incidents/)
  await type('/incident declare Checkout is down')
  await message('INC-002 declared by Ida Torres').waitFor()
  await picture('declared')

  const card = page.locator('.message:not(.private)', { hasText: 'Checkout is down' }).last()
  await card.locator('.ac-pushButton', { hasText: 'Acknowledge' }).waitFor()
  await be(vic, /incidents/)
  await card.locator('.ac-pushButton', { hasText: 'Acknowledge' }).click()
  await message('that needs acknowledge').waitFor()
  await picture('refused')
  expect(await message('that needs acknowledge').textContent()).toContain('can.')

  await be(ida, /incidents/)
  await card.locator('.ac-pushButton', { hasText: 'Acknowledge' }).click()
  await page.locator('.message:not(.private)', { hasText: 'Status: IN_PROGRESS' }).last().waitFor()
  await picture('acknowledged')

  await be(ida, /^Tocsin/)
  await type('what is open for payments?')
  await message('Checkout is down').waitFor()
  await type('/incident show INC-001')
  await message('Production Database Slowdown').waitFor()
  await picture('asked')
})
