/** A place on the Hugging Face Hub. */
export interface HubAddress {
  /** `owner/name` */
  readonly repository: string
  readonly revision?: string
  /** A file of the repository, where the address names one. */
  readonly path?: string
}

const name = String.raw`[A-Za-z0-9][\w.-]*`
const scheme = new RegExp(`^(?:hf|hf-hub|huggingface):(?://)?(${name}/${name})(?:@([^/\\s]+))?$`)
const timm = new RegExp(`^timm/(${name})$`)

/**
 * The place on the Hub that a person means by `hf:owner/name`, `hf:owner/name@revision`, `hf-hub:owner/name`, `timm/NAME`, or
 * the address of a page or file of the Hub; undefined for what means none.
 */
export function hubAddress(text: string): HubAddress | undefined {
  const short = scheme.exec(text)
  if (short) return { repository: short[1]!, ...(short[2] !== undefined && { revision: short[2] }) }
  const model = timm.exec(text)
  if (model) return { repository: `timm/${model[1]!}` }
  const address = /^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co)\/(.*)$/.exec(text)
  if (!address) return undefined
  const [owner, repository, verb, revision, ...path] = decodeURI(address[1]!.split(/[?#]/)[0]!)
    .split('/')
    .filter((part) => part !== '')
  if (!owner || !repository) return undefined
  return {
    repository: `${owner}/${repository}`,
    ...(/^(tree|blob|resolve|raw)$/.test(verb ?? '') && revision && { revision }),
    ...(/^(blob|resolve|raw)$/.test(verb ?? '') && path.length > 0 && { path: path.join('/') }),
  }
}
