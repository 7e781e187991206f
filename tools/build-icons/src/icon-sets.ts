import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { IconSet } from '@pilotjs/icons-100'
import { conceptOf, joinPlurals } from './concepts'
import type { SetNaming } from './concepts'
import { familyOf } from './families'

/** The licences under which drawings may be passed on as part of a data set; all but CC0 ask for the attribution in SETS.md. */
const LICENCES = /^(MIT|Apache-2\.0|ISC|BSD-[23]-Clause|CC0-1\.0|CC-BY-[34]\.0|OFL-1\.1)$/

/** Sets of brand logos, coins, national flags, file types: no drawings of things. */
const NO_THINGS =
  /^(.*-logos|logos|simple-icons|cib|cif|bxl|fa[67]?-brands|nonicons|thesvg(-color)?|selfhst|token(-branded)?|cryptocurrency(-color)?|circle-flags|flag|flagpack|vscode-icons|material-icon-theme|file-icons|devicon(-plain)?|catppuccin|skill-icons|gcp|k8s|unjs|academicons|svg-spinners|ginetex|bpmn)$/

interface Collection {
  name: string
  author?: { name?: string; url?: string }
  license?: { spdx?: string; title?: string }
}

interface IconifyJson {
  icons: Record<string, { body: string } & Box>
  width?: number
  height?: number
  left?: number
  top?: number
  suffixes?: Record<string, string>
  prefixes?: Record<string, string>
}

interface Box {
  width?: number
  height?: number
  left?: number
  top?: number
}

/** One icon: a drawing not yet rendered. */
export interface Icon {
  set: string
  name: string
  svg: string
}

/** All icons by concept and, within a concept, by set. */
export interface Catalogue {
  sets: Map<string, IconSet>
  concepts: Map<string, Map<string, Icon[]>>
}

/**
 * Reads every permissively licensed set of things and sorts its icons by the concept they show.
 *
 * @param folder unpacked @iconify/json
 */
export async function readCatalogue(folder: string): Promise<Catalogue> {
  const collections = JSON.parse(await readFile(join(folder, 'collections.json'), 'utf8')) as Record<string, Collection>
  const sets = new Map<string, IconSet>()
  const found = new Map<string, Map<string, Icon[]>>()
  for (const prefix of Object.keys(collections).sort()) {
    const { name, author, license } = collections[prefix]!
    if (!LICENCES.test(license?.spdx ?? '') || NO_THINGS.test(prefix)) continue
    sets.set(prefix, {
      prefix,
      name,
      author: author?.name ?? '',
      licence: license!.spdx!,
      url: author?.url ?? '',
      family: familyOf(prefix),
    })
    const json = JSON.parse(await readFile(join(folder, 'json', `${prefix}.json`), 'utf8')) as IconifyJson
    const naming: SetNaming = { suffixes: longestFirst(json.suffixes), prefixes: longestFirst(json.prefixes) }
    for (const icon of Object.keys(json.icons).sort()) {
      const concept = conceptOf(icon, naming)
      if (concept) put(found, concept, { set: prefix, name: icon, svg: svgOf(json, icon) })
    }
  }
  const canonical = joinPlurals(new Set(found.keys()))
  const concepts = new Map<string, Map<string, Icon[]>>()
  for (const concept of [...found.keys()].sort()) {
    for (const icons of found.get(concept)!.values()) for (const icon of icons) put(concepts, canonical(concept), icon)
  }
  return { sets, concepts }
}

function put(concepts: Map<string, Map<string, Icon[]>>, concept: string, icon: Icon) {
  let bySet = concepts.get(concept)
  if (!bySet) concepts.set(concept, (bySet = new Map()))
  const icons = bySet.get(icon.set)
  if (icons) icons.push(icon)
  else bySet.set(icon.set, [icon])
}

const longestFirst = (styles: Record<string, string> = {}) =>
  Object.keys(styles)
    .filter(Boolean)
    .sort((a, b) => b.length - a.length)

/** A square document with the icon in its middle, black where the icon leaves the colour open. */
function svgOf(json: IconifyJson, name: string): string {
  const icon = json.icons[name]!
  const width = icon.width ?? json.width ?? 16
  const height = icon.height ?? json.height ?? 16
  const side = Math.max(width, height)
  const left = (icon.left ?? json.left ?? 0) - (side - width) / 2
  const top = (icon.top ?? json.top ?? 0) - (side - height) / 2
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64" ` +
    `viewBox="${left} ${top} ${side} ${side}" color="#000">${icon.body}</svg>`
  )
}
