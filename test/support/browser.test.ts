import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { launchBrowser } from './browser.ts'

test('a browser that npm brought opens a page', { timeout: 60_000 }, async () => {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end('<title>t</title><button onclick="this.textContent = \'Grüße\'">Press</button>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await page.getByRole('button').click()
    expect(await page.getByRole('button').textContent()).toBe('Grüße')
  } finally {
    await browser.close()
    server.close()
  }
})
