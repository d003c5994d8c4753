"""What reviewing suggestions needs beside `suggestions`: what the catalogue holds of their objects, who decided what.

`holdings` says where the catalogue has gaps, and `settling` what a source answers itself, or no longer answers;
`history` is what people have decided; `opinions` are answers that decide nothing, and `sampling` says to which
suggestions they are asked for; `names` finds slips; `completed` is the view of paintings whose gaps are filled.
"""
