import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainStream, plainWords } from '../../src/agent/plain-words.ts'

test.each([
  ['see [runbook](https://evil.example/a b) now', 'see runbook now'],
  ['![chart](http://evil.example/c.png)done', 'chartdone'],
  ['<https://evil.example|click>', 'click'],
  ['<https://evil.example>', '(link removed)'],
  ['go to https://evil.example/x?y=1, then rest', 'go to (link removed) then rest'],
  ['www.evil.example', '(link removed)'],
  ['javascript:alert(1)', '(link removed))'],
  ['<!channel> and <@U123> and <#C1|general>', 'channel and U123 and general'],
  ['@here @channel @Ivo', 'here channel Ivo'],
  ['<at>Ivo</at>', 'Ivo'],
  ['<img src="https://evil.example/p.png">', ''],
  ['[1]: https://evil.example', ''],
  ['INC-001 is P1: 3 < 5, ida@example.com, a[0]', 'INC-001 is P1: 3 < 5, ida@example.com, a[0]'],
])('%s', (said, words) => {
  expect(plainWords(said)).toBe(words)
})

test('in pieces of any size the stream never lets a link or a mention through', () => {
  const pieces = [
    'word ',
    '[text](https://evil.example/a)',
    '![image](https://evil.example/b.png) ',
    '<https://evil.example|here>',
    '@channel ',
    '<!here>',
    'https://evil.example ',
    'end. ',
    '\n',
    '[',
    '<',
    '3 < 5 ',
  ]
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...pieces), { maxLength: 12 }),
      fc.integer({ min: 1, max: 9 }),
      (parts, size) => {
        const text = parts.join('')
        let out = ''
        const stream = plainStream((words) => {
          out += words
        })
        for (let at = 0; at < text.length; at += size) stream.append(text.slice(at, at + size))
        stream.end()
        expect(out).not.toMatch(/evil|https?:|@channel|<!/)
      },
    ),
    { numRuns: 300 },
  )
})
