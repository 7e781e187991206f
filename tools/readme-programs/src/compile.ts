import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import type { Program } from './programs'

/** A program as a file of its own, its free names imported from `surroundings`. */
export interface CompiledProgram extends Program {
  readonly file: string
  /** What the compiler has against it. */
  readonly problems: readonly string[]
}

const cannotFindModule = 2307
const cannotFindName = new Set([2304, 2552, 18004])

/** Writes programs into `folder`, one file each, and checks them with the repository's own settings. */
export function compilePrograms(programs: readonly Program[], root: string, folder: string): CompiledProgram[] {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const files = programs.map((_, i) => join(folder, `program-${i}.ts`))
  const write = (i: number, imports: string) =>
    // A program without an import would be a script, whose names meet those of all others.
    writeFileSync(files[i]!, `${imports}${programs[i]!.text}\nexport {}\n`)
  programs.forEach((_, i) => write(i, ''))
  const free = check(root, files).map((found) => [
    ...new Set(found.flatMap(({ code, name }) => (cannotFindName.has(code) && name !== undefined ? [name] : []))),
  ])
  free.forEach((names, i) => {
    if (names.length > 0) write(i, `import { ${names.sort().join(', ')} } from '../src/surroundings'; `)
  })
  const found = check(root, files)
  return programs.map((program, i) => ({
    ...program,
    file: files[i]!,
    problems: found[i]!// What only a bundler or the reader's own folder can find is not here.
    .filter(({ code }) => program.runs || code !== cannotFindModule)
      .map(({ line, message }) => `line ${line}: ${message}`),
  }))
}

interface Finding {
  readonly code: number
  readonly line: number
  readonly message: string
  readonly name: string | undefined
}

function check(root: string, files: readonly string[]): Finding[][] {
  const settings = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    { noEmit: true, types: ['node', 'vite/client'], isolatedModules: true, verbatimModuleSyntax: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  )!
  const program = ts.createProgram({ rootNames: files, options: settings.options })
  return files.map((file) => {
    const source = program.getSourceFile(file)!
    const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return diagnostics.map(({ code, start = 0, length = 0, messageText }) => ({
      code,
      line: source.getLineAndCharacterOfPosition(start).line + 1,
      message: ts.flattenDiagnosticMessageText(messageText, ' '),
      name: source.text.slice(start, start + length),
    }))
  })
}
