// Bundled by run.mjs together with the specs that ship inside @tensorflow/tfjs-core.
import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'

interface SpecResult {
  fullName: string
  status: string
  failedExpectations: { message: string }[]
}
interface Jasmine {
  getEnv(): {
    configure(options: object): void
    addReporter(reporter: object): void
    execute(): Promise<void>
  }
}

const require = createRequire(__filename)
const jasmine = (require('jasmine-core') as { boot(): Jasmine }).boot()

const { sample, grep, output } = JSON.parse(process.argv[2]!) as { sample: number; grep: string; output: string }

/** A number for a spec that is the same in every run and for either backend. */
function hash(text: string): number {
  let h = 7
  for (const c of text) h = (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0
  return h
}

/** A spec's name without the backend it runs on. */
const neutral = (name: string) => name.replace(/ (cpu|onnx) \{[^}]*\}/, '')

const results: { name: string; backend: string; status: string; message: string }[] = []
const env = jasmine.getEnv()
env.configure({
  random: false,
  specFilter: (spec: { getFullName(): string }) => {
    const name = spec.getFullName()
    return (grep === '' || name.includes(grep)) && hash(neutral(name)) % sample === 0
  },
})
env.addReporter({
  specDone({ fullName, status, failedExpectations }: SpecResult) {
    if (status === 'excluded') return
    const backend = / (cpu|onnx) \{/.exec(fullName)?.[1] ?? 'none'
    results.push({
      name: neutral(fullName),
      backend,
      status,
      message: failedExpectations.map((f) => f.message).join('\n'),
    })
  },
})

export async function execute(): Promise<void> {
  await env.execute()
  writeFileSync(output, JSON.stringify(results))
}
