// Where Vite serves a file from.
declare module '*?url' {
  const url: string
  export default url
}
