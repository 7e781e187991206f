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
  const check = checker(root)
  const free = check(files).map((found) => [
    ...new Set(found.flatMap(({ code, name }) => (cannotFindName.has(code) && name !== undefined ? [name] : []))),
  ])
  free.forEach((names, i) => {
    if (names.length > 0) write(i, `import { ${names.sort().join(', ')} } from '../src/surroundings'; `)
  })
  const found = check(files)
  return programs.map((program, i) => ({
    ...program,
    file: files[i]!,
    problems: found[i]! // What only a bundler or the reader's own folder can find is not here.
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

/** Checks files again and again: what they import is read and bound once. */
function checker(root: string): (files: readonly string[]) => Finding[][] {
  const { options } = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    { noEmit: true, types: ['node', 'vite/client'], isolatedModules: true, verbatimModuleSyntax: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  )!
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile
  const known = new Map<string, ts.SourceFile | undefined>()
  return (files) => {
    const changing = new Set(files)
    host.getSourceFile = (file, ...rest) => {
      if (changing.has(file)) return read(file, ...rest)
      if (!known.has(file)) known.set(file, read(file, ...rest))
      return known.get(file)
    }
    const program = ts.createProgram({ rootNames: files, options, host })
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
}
