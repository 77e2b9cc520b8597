export async function GET(_request, { params }) {
  const { id } = await params;
  return Response.json({ id, name: `Item ${id}` });
}

export async function PUT(request) {
  return Response.json({ stored: await request.json() });
}
