// `npm run types`: the declarations (`dist/**/*.d.ts`) of all published packages, by one program that reads each source once.
// tsup could write them too, a package at a time, for ten seconds each; here they fall out of the type check of the house.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = resolve(fileURLToPath(new URL('../../', import.meta.url)))
const posix = (path) => path.replaceAll('\\', '/')

/**
 * A package's folder, and the sources of the entries whose types its `exports` promise: `./dist/NAME.d.ts` comes from
 * `src/NAME.ts`.
 */
function publishedPackage(manifestFile) {
  const folder = dirname(manifestFile)
  const names = JSON.stringify(JSON.parse(readFileSync(manifestFile, 'utf8')).exports ?? {}).match(
    /(?<=\.\/dist\/)[^"]+(?=\.d\.ts)/g,
  )
  const entries = [...new Set(names ?? [])].map((name) => {
    const source = [`src/${name}.ts`, `src/${name}/index.ts`].find((file) => existsSync(join(folder, file)))
    if (source === undefined)
      throw new Error(`${relative(root, manifestFile)} promises dist/${name}.d.ts, and there is no src/${name}.ts`)
    return { name, source: join(folder, source) }
  })
  return { folder, entries, name: JSON.parse(readFileSync(manifestFile, 'utf8')).name }
}

const packages = ['packages', 'packages/methods']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name, 'package.json')))
  .filter((file) => existsSync(file))
  .map(publishedPackage)
  .filter(({ entries }) => entries.length > 0)

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
const program = ts.createProgram(
  packages.flatMap(({ entries }) => entries.map(({ source }) => source)),
  {
    ...options,
    incremental: false,
    tsBuildInfoFile: undefined,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: root,
    outDir: join(root, 'dist'),
  },
)
const ownerOf = (file) => packages.find(({ folder }) => posix(file).startsWith(`${posix(folder)}/src/`))

/** What programs can import: `@pilotjs/core`, `@pilotjs/core/heads`, … */
const importable = new Set(
  packages.flatMap(({ name, entries }) =>
    entries.map((entry) => (entry.name === 'index' ? name : `${name}/${entry.name}`)),
  ),
)

const problems = []
/** Names the file that a relative import means, as Node's resolution wants it: `./heads` is `./heads/index.js`. */
function nodeSpecifier(specifier, file) {
  if (specifier.startsWith('@pilotjs/') && !importable.has(specifier))
    problems.push(
      `${relative(root, file)}: the type of something exported names ${specifier}, which no package exports: write the type`,
    )
  if (!specifier.startsWith('.')) return specifier
  const base = resolve(dirname(file), specifier.replace(/\.ts$/, ''))
  const source = [`${base}.ts`, `${base}/index.ts`].find((candidate) => existsSync(candidate))
  const owner = ownerOf(file)
  if (source === undefined || owner === undefined || ownerOf(source) !== owner)
    problems.push(
      `${relative(root, file)}: the type of something exported names ${specifier}, which is outside its package: write the type`,
    )
  const path = posix(relative(dirname(file), source ?? base)).replace(/\.ts$/, '.js')
  return path.startsWith('.') ? path : `./${path}`
}

/** Rewrites every module name in a declaration file. */
const withExtensions = (context) => (sourceFile) => {
  const file = sourceFile.fileName
  const { factory } = context
  const named = (literal) => factory.createStringLiteral(nodeSpecifier(literal.text, file))
  const visit = (node) => {
    // What a module imports for its effects alone has no types, and nobody outside can resolve `#…`.
    if (ts.isImportDeclaration(node) && node.importClause === undefined && node.moduleSpecifier.text.startsWith('#'))
      return undefined
    if (ts.isImportDeclaration(node))
      return factory.updateImportDeclaration(
        node,
        node.modifiers,
        node.importClause,
        named(node.moduleSpecifier),
        node.attributes,
      )
    if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
      return factory.updateExportDeclaration(
        node,
        node.modifiers,
        node.isTypeOnly,
        node.exportClause,
        named(node.moduleSpecifier),
        node.attributes,
      )
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const argument = factory.createLiteralTypeNode(named(node.argument.literal))
      const typeArguments = node.typeArguments?.map((type) => ts.visitNode(type, visit))
      return factory.updateImportTypeNode(node, argument, node.attributes, node.qualifier, typeArguments, node.isTypeOf)
    }
    return ts.visitEachChild(node, visit, context)
  }
  return ts.visitNode(sourceFile, visit)
}

for (const dist of packages.map(({ folder }) => join(folder, 'dist')).filter((folder) => existsSync(folder)))
  for (const file of readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.d.ts')))
    rmSync(join(dist, file))
const write = (file, text) => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
const { diagnostics } = program.emit(
  undefined,
  (_, text, __, ___, sources) => {
    const { fileName } = sources[0]
    const owner = ownerOf(fileName)
    if (owner !== undefined)
      write(join(owner.folder, 'dist', relative(join(owner.folder, 'src'), fileName).replace(/\.ts$/, '.d.ts')), text)
  },
  undefined,
  true,
  { afterDeclarations: [withExtensions] },
)
// An entry whose source is a folder's index.
for (const { folder, entries } of packages)
  for (const { name, source } of entries)
    if (source.endsWith(`${name}/index.ts`))
      write(join(folder, `dist/${name}.d.ts`), `export * from './${name}/index.js'\n`)

const wrong = [...program.getSyntacticDiagnostics(), ...diagnostics]
if (wrong.length > 0)
  console.error(
    ts.formatDiagnosticsWithColorAndContext(wrong, {
      ...ts.sys,
      getCurrentDirectory: () => root,
      getCanonicalFileName: (f) => f,
      getNewLine: () => '\n',
    }),
  )
for (const problem of new Set(problems)) console.error(problem)
process.exit(wrong.length + problems.length > 0 ? 1 : 0)
