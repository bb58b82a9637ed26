//! The report as test reports show it.

use crate::check::Phase;
use crate::fixture::{hostile_report, rendered, report};
use crate::report::Format;

#[test]
fn a_green_gate() {
    insta::assert_snapshot!(rendered(Format::Junit, &report(Phase::Two, &[])), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="validate" tests="4" skipped="0" failures="0" errors="0">
        <testsuite name="validate phase 2" tests="4" skipped="0" errors="0" failures="0">
            <testcase name="missing/policies" classname="missing"/>
            <testcase name="mismatch/policies" classname="mismatch"/>
            <testcase name="orphan/policies" classname="orphan"/>
            <testcase name="audit/audit_logs" classname="audit"/>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_red_gate() {
    let rows: [(&str, u64, &[&str]); 2] =
        [("missing/policies", 7, &["1", "2", "3", "4", "5"]), ("mismatch/policies", 1, &["12"])];
    insta::assert_snapshot!(rendered(Format::Junit, &report(Phase::Two, &rows)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="validate" tests="4" skipped="0" failures="2" errors="0">
        <testsuite name="validate phase 2" tests="4" skipped="0" errors="0" failures="2">
            <testcase name="missing/policies" classname="missing">
                <failure message="rows of policies whose workspace_id is NULL: 7 (ids 1, 2, 3, 4, 5, …)" type="missing">backfill run</failure>
            </testcase>
            <testcase name="mismatch/policies" classname="mismatch">
                <failure message="rows of policies whose workspace_id is not their tenant&apos;s: 1 (ids 12)" type="mismatch">correct workspace_id or tenant_id, whichever is wrong, in the rows shown by: SELECT owned.&quot;id&quot;, owned.&quot;tenant_id&quot;, owned.&quot;workspace_id&quot;, tenant.&quot;workspace_id&quot; AS tenants_workspace FROM &quot;public&quot;.&quot;policies&quot; AS owned LEFT JOIN &quot;public&quot;.&quot;tenants&quot; AS tenant ON tenant.&quot;id&quot; = owned.&quot;tenant_id&quot; WHERE owned.&quot;workspace_id&quot; &lt;&gt; tenant.&quot;workspace_id&quot; ORDER BY owned.&quot;id&quot;</failure>
            </testcase>
            <testcase name="orphan/policies" classname="orphan"/>
            <testcase name="audit/audit_logs" classname="audit"/>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn structure_says_what_is_wrong_with_it() {
    let index: [(&str, u64, &[&str]); 1] = [("index/policies", 1, &[])];
    insta::assert_snapshot!(rendered(Format::Junit, &report(Phase::One, &index)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="validate" tests="3" skipped="0" failures="1" errors="0">
        <testsuite name="validate phase 1" tests="3" skipped="0" errors="0" failures="1">
            <testcase name="column/policies" classname="column"/>
            <testcase name="index/policies" classname="index">
                <failure message="policies without index policies_workspace_id_index, valid and as it should be: index x is missing" type="index">migration up --phase 1</failure>
            </testcase>
            <testcase name="index/tenants" classname="index"/>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn no_name_ends_an_attribute_or_an_element() {
    insta::assert_snapshot!(rendered(Format::Junit, &hostile_report()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="validate" tests="1" skipped="0" failures="1" errors="0">
        <testsuite name="validate phase 2" tests="1" skipped="0" errors="0" failures="1">
            <testcase name="orphan/p%,:|`*&lt;b&gt;]]&gt;&amp;&quot;&apos;\r\n::error::{0} [a](b)\u{1b}[31m\" classname="orphan">
                <failure message="rows of p%,:|`*&lt;b&gt;]]&gt;&amp;&quot;&apos;\r\n::error::{0} [a](b)\u{1b}[31m\ without a tenant, or whose tenant has no workspace_id: 1 (ids p%,:|`*&lt;b&gt;]]&gt;&amp;&quot;&apos;\r\n::error::{0} [a](b)\u{1b}[31m\)" type="orphan">claim the tenants (UPDATE &quot;public&quot;.&quot;tenants&quot; SET &quot;workspace_id&quot; = … WHERE &quot;id&quot; = …) or remove the rows shown by: SELECT owned.&quot;id&quot;, owned.&quot;tenant_id&quot;, tenant.&quot;id&quot; IS NOT NULL AS tenant_exists FROM &quot;public&quot;.&quot;p%,:|`*&lt;b&gt;]]&gt;&amp;&quot;&apos;\r\n::error::{0} [a](b)\u{1b}[31m\&quot; AS owned LEFT JOIN &quot;public&quot;.&quot;tenants&quot; AS tenant ON tenant.&quot;id&quot; = owned.&quot;tenant_id&quot; WHERE tenant.&quot;workspace_id&quot; IS NULL ORDER BY owned.&quot;id&quot;</failure>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
}
