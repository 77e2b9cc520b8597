export default function Home() {
  return <h1>A shop</h1>;
}
