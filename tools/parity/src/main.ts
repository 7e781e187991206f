import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Method } from '@pilotjs/core'
import { selectEngine } from '@pilotjs/core/node'
import { caseReport, reportLines } from './case-report'
import type { CaseReport } from './case-report'
import { defaultGolden } from './default-golden'
import { readCase, selectCases } from './golden-case'
import { findMethods } from './methods'
import { replayCase } from './replay-case'

const usage = `usage: pnpm parity [--golden DIR] [--engine NAME] [METHOD[/CASE] …]

Learns what PILOT recorded anew and compares losses, states, scores and predictions.
DIR has the form of a golden directory; default: ../shared/golden if there, else the reduced copies of this package.`

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      golden: { type: 'string' },
      engine: { type: 'string', default: 'auto' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const directory = values.golden ?? defaultGolden()
  if (!existsSync(directory)) throw new Error(`--golden ${directory}: there is no such directory`)
  const names = positionals.filter((name) => name !== '--')
  const methods = await findMethods()
  const known = methods.flatMap((method) => method.pilot?.modelNames ?? [])
  const ids = selectCases(directory, names)
  // Without names, methods that pilotjs does not have are left out.
  const chosen = names.length > 0 ? ids : ids.filter((id) => known.includes(id.split('/')[0]!))
  if (chosen.length === 0) throw new Error(`${directory} has no case of ${known.join(', ')}`)
  await selectEngine(values.engine as 'auto')

  let failed = 0
  for (const id of chosen) {
    const report = await replay(directory, id, methods)
    if (!report.passed) failed++
    console.log(reportLines(report).join('\n'))
  }
  console.log(`${chosen.length - failed} passed, ${failed} failed`)
  return failed > 0 ? 1 : 0
}

/** The report of a case; one that cannot be read has failed. */
async function replay(directory: string, id: string, methods: readonly Method[]): Promise<CaseReport> {
  try {
    return await replayCase(readCase(directory, id), methods)
  } catch (error) {
    const report = caseReport(id)
    report.failed(error instanceof Error ? error.message : String(error))
    return report.finish()
  }
}

try {
  process.exitCode = await run()
} catch (error) {
  console.error(`parity: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
