import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } from '@actions/workflow-parser'
import { describe, expect, it } from 'vitest'

const file = fileURLToPath(new URL('../../../.github/workflows/ci.yml', import.meta.url))
const content = readFileSync(file, 'utf8')

/** What GitHub's own parser has against a workflow, by its schema. */
async function problemsOf(text: string): Promise<string[]> {
  const { context, value } = parseWorkflow({ name: 'ci.yml', content: text }, new NoOperationTraceWriter())
  if (value) await convertWorkflowTemplate(context, value)
  return context.errors.getErrors().map(({ message }) => message)
}

describe('the workflow', () => {
  it('is one by the schema of GitHub', async () => {
    expect(await problemsOf(content)).toEqual([])
    expect(await problemsOf(content.replace('runs-on:', 'run-on:'))).not.toEqual([])
  })

  it('tests on three systems and three versions of Node', () => {
    expect(content).toContain('os: [ubuntu-latest, macos-latest, windows-latest]')
    expect(content).toContain('node: [20, 22, 24]')
  })

  it('calls scripts that there are', () => {
    const root = readFileSync(fileURLToPath(new URL('../../../package.json', import.meta.url)), 'utf8')
    const { scripts } = JSON.parse(root) as { scripts: Record<string, string> }
    const called = Array.from(content.matchAll(/- run: npm (?:run )?(\S+)/g), ([, name]) => name!)
    expect(called).toEqual(['test', 'packed', 'docs'])
    expect(called.filter((name) => !(name in scripts))).toEqual([])
  })
})
