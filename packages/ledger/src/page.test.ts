import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { ledger } from './ledger'
import { renderLedger } from './render-ledger'
import { resultsSchema } from './result'

const docs = new URL('../../../docs/', import.meta.url)

it('is what docs/ledger.md shows of docs/ledger.json', async () => {
  const results = resultsSchema.parse(JSON.parse(await readFile(new URL('ledger.json', docs), 'utf8')))
  expect(await readFile(new URL('ledger.md', docs), 'utf8')).toBe(renderLedger(ledger(results)))
})
