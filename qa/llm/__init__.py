"""Language models behind one narrow seam: a request goes in, a whole completion comes out, or a documented error."""
