import { type CatalogueEntry, catalogue } from './catalogue'

/** The weights whose SHA-256 this is, whatever the file is called and wherever it lies. */
export const knownFile = (sha256: string): CatalogueEntry | undefined =>
  catalogue.find((entry) => entry.sha256 === sha256)
