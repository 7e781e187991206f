/**
 * Families of icon sets: sets that share an origin, and with it drawings. A family is on one side of the train/test
 * split as a whole, so that no test drawing has a sibling in training. A set not named here is a family of its own.
 * Found by common authorship, and by the share of the
 * concepts common to two sets that both draw nearly alike (15 % and more).
 */
const FAMILIES: Record<string, RegExp> = {
  material: /^(material-symbols(-light)?|ic|mdi(-light)?|line-md|zmdi|memory|eos-icons|weui)$/,
  'font-awesome': /^(fa|fa[67]?-(solid|regular|brands)|la|icons8|wpf|flat-color-icons|fontisto)$/,
  feather:
    /^(feather|lucide(-lab)?|tabler|akar-icons|iconoir|meteor-icons|vadivam|humbleicons|heroicons(-outline|-solid)?|sidekickicons|charm|bitcoin-icons|keyline-icons|mi|mono-icons|ion|famicons)$/,
  boxicons: /^(boxicons|bx|bxs|bxl|ci)$/,
  unicons: /^(uil|uim|uit|uis)$/,
  majesticons: /^(majesticons|iconamoon)$/,
  solar: /^(solar|reicon)$/,
  'icon-park': /^icon-park(-.*)?$/,
  pepicons: /^pepicons(-.*)?$/,
  streamline: /^(streamline(-.*)?|covid)$/,
  coreui: /^(cil|cib|cif)$/,
  fluent: /^(fluent|fluent-color|fluent-mdl2|codicon)$/,
  'fluent-emoji': /^fluent-emoji(-.*)?$/,
  noto: /^noto(-v1)?$/,
  emojione: /^emojione(-.*)?$/,
  glyphs: /^glyphs(-poly)?$/,
  maps: /^(maki|temaki|pinhead|roentgen|osmic|map)$/,
  pixel: /^(pixel|pixelarticons)$/,
}

/** The family of a set, by its prefix in @iconify/json. */
export function familyOf(set: string): string {
  return Object.entries(FAMILIES).find(([, sets]) => sets.test(set))?.[0] ?? set
}
